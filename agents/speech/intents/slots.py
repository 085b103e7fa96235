"""Numbers as answers: "my customer number is one double oh two", not "you took forty euros"."""

from __future__ import annotations

import re

from dialplans.speech.numerals import joined, pieces, without

FEWEST = 3
MOST_OTHER_WORDS = 2
"""So many words beside the number and what usually goes with it, and it is no answer any more."""

_AROUND = """
    my the a it its it's is i'm that's thats this so um uh er okay ok yes yeah well and then please
    customer account number pin code id reference ticket invoice no of dash hyphen here you go
    have i've got sure right let me see one moment double triple comma slash
    meine die der das ist es ja also und dann bitte kundennummer nummer pin lautet rechnung hier
    äh ähm gut moment mal doppel strich meiner
    """
_AMOUNT = re.compile(
    # The last digit of the number is enough: from each of them on, all the others would be read.
    r"\d[.,]*\s*(?:€|\$|£|%|euros?|dollars?|pounds?|quid|percent|cents?|prozent|uhr|o'clock"
    r"|a\.?m\b|p\.?m\b|days?|weeks?|months?|years?|minutes?|hours?|tage?n?|wochen?|minuten|stunden)"
    r"|[€$£]\s*\d",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def spoken_number(text: str) -> str | None:
    """The digits, if the sentence is a number that somebody gives; None for anything else."""
    if _AMOUNT.search(text):
        return None
    found = pieces(text, certain=True)
    digits = joined(found)
    if len(digits) < FEWEST:
        return None
    around = set(_AROUND.split())
    words = _WORD.findall(without(found, text).lower().replace("’", "'"))
    others = [word for word in words if word not in around]
    return digits if len(others) <= MOST_OTHER_WORDS else None
