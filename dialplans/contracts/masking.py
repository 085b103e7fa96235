"""What a caller says that may be a secret, and what is left of it in a record.

A caller says a PIN before anybody asked, in any spelling and in two breaths. So no number of four
or more digits is kept unless somebody had just asked for one that is no secret, and beside a word
such as PIN or password none of three.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from dialplans.contracts import events as ev
from dialplans.speech.numerals import HIDDEN, Piece, pieces

MASKED = HIDDEN * 4
_BREAK = "\x1e"
"""Between two sentences that are looked at as one."""
MOST = 4
"""So many digits are a number that is not kept."""
MOST_BESIDE = 3
"""And so many in a sentence with a word of `_SECRET`, wherever in it."""

_SECRET = re.compile(
    r"""(?<![^\W_])(?:
      p[.\s-]?i[.\s-]?n\.? | pins? | pin(?:code|number|nummer|zahl)\w* | puk
      | (?:(?:m|i|sms|push|photo|chip)[\s-]?)?tans? | otp | c[.\s-]?v[.\s-]?[vc]\d? | cvn | cid
      | \w*codes? | codewort\w*
      | pass\s?(?:word|code|phrase|key)\w* | pass(?:wort|wörter)\w* | kenn(?:wort|wörter|zahl)\w*
      | losungswort | secret\w* | secur\w* | verif\w* | geheim\w* | sicherheits\w*
      | (?:prüf|pruef)(?:ziffer|zahl|nummer|code)\w* | zugangs\w* | freigabe\w* | check\s?digits?
      | unlock\w* | combination | zahlenkombination | (?:credit|debit|bank)\s?cards?
      | card\s(?:number|details?) | (?:kredit|bank|giro|ec)-?karten?\w* | kartennummer\w* | iban
    )(?![^\W_])""",
    re.IGNORECASE | re.VERBOSE,
)
_NO_SECRET = re.compile(
    r"(?<!\w)(?:post|zip|area|diall?ing|country|bar|qr)\s?-?codes?", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!](?=\s+[^\W\d])")
_FAR = 80
_GAP = re.compile(
    r"""(?:[\W_]|(?<![^\W_])(?:
      u+h+|u+m+|e+r+m?|hm+|ä+h*m*|and|then|und|dann|the|die|der|das|an?|eine?|ne|
      comma|komma|dash|hyphen|strich|bindestrich|dot|point|punkt|slash|minus|space|pause|plus|
      sorry|no|nein|wait|moment|warten?|again|nochmal|noch|mal|followed|by|gefolgt|von|ends?|ending|
      is|ist|it's|its|so|ok(?:ay)?|well|also|ja|yes|yeah|number|nummer|digits?|ziffern?|zahlen?
    )(?![^\W_]))*""",
    re.IGNORECASE | re.VERBOSE,
)
"""What people say between the digits of one number."""
_ORDER = re.compile(
    r"\b(?:first(?:ly)?|second|third|fourth|next|last(?:ly)?|final(?:ly)?|zuerst|erste?|zweite|dritte"
    r"|vierte|nächste|danach|letzte|zuletzt|schließlich|am\s+ende|zum\s+schluss|at\s+the\s+end)\b",
    re.IGNORECASE,
)
"""And between digits that are said one by one: "the first is a four, the last is double one"."""
_MONEY = re.compile(r"(?:[€$£]|(?<!\w)(?:eur|euros?|usd|gbp|chf))\s*$", re.IGNORECASE)
_MONTH = re.compile(
    r"(?<!\w)(?:(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zä]*\.?,?"
    r"|year|jahre?)\s*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s*(?:[€$£%]|(?:eur|euros?|usd|gbp|chf|dollars?|pounds?|quid|pence|cents?|francs?|franken"
    r"|percent|per cent|prozent|uhr|o'clock|[ap]\.?\s?m\b|k?m\b|kilomet\w*|met(?:er|re)s?\b"
    r"|[mg]b(?:it)?\b|[mg]egabits?\b|gigabits?\b|[mg]igabytes?\b|kilo\w*|kwh?\b|watts?\b|miles?\b"
    r"|seconds?|sekunden?|minutes?|minuten?|hours?|stunden?|days?|tagen?|tage|weeks?|wochen?|months?"
    r"|monaten?|monate|years?|jahren?|jahre|times\b|mal\b)(?!\w))",
    re.IGNORECASE,
)
"""What shows that a number is a sum, a time or a measure. Beside a secret word nothing does."""


@dataclass(frozen=True)
class Run:
    """Digits that are said as one number, and the places of its pieces in the text."""

    pieces: tuple[Piece, ...]

    @property
    def digits(self) -> str:
        return "".join(piece.digits for piece in self.pieces)

    @property
    def start(self) -> int:
        return self.pieces[0].start

    @property
    def end(self) -> int:
        return self.pieces[-1].end


def runs(text: str) -> list[Run]:
    """The numbers of a text, each with all that belongs to it: `47, uh, 1 1` is one."""
    found: list[list[Piece]] = []
    for piece in pieces(text):
        if found and _goes_on(text, found[-1][-1], piece):
            found[-1].append(piece)
        else:
            found.append([piece])
    return [Run(tuple(one)) for one in found]


def _goes_on(text: str, piece: Piece, following: Piece | None = None) -> bool:
    """Whether what stands between them, or after the last one, may stand inside a number."""
    start, end = piece.end, following.start if following else len(text)
    if _GAP.fullmatch(text, start, end):
        return True
    one_by_one = any(len(one.digits) == 1 for one in (piece, following) if one)
    return one_by_one and _GAP.fullmatch(_ORDER.sub(" ", text[start:end])) is not None


def mentions_secret(text: str) -> bool:
    """Whether somebody speaks of a PIN, a password, a code or a card."""
    return _SECRET.search(_without_codes_of_places(text)) is not None


def may_go_on(text: str) -> bool:
    """Whether the text ends in digits, or in a word for a secret: what is said next may be more of
    the number."""
    found = runs(text)
    return bool(found) and _goes_on(text, found[-1].pieces[-1])


def mask(text: str, *, asked: bool = False) -> str:
    """The text as it may be kept. `asked`: somebody had just asked for digits that are no secret,
    such as a number to call back."""
    return mask_all([text], asked=asked)[0]


def mask_part(text: str) -> str:
    """A sentence that is still being said: how long its numbers will be is not known yet."""
    return _covered(text, [run for run in runs(text) if run.digits])


def mask_all(texts: Sequence[str], *, asked: bool = False, secret: bool = False) -> list[str]:
    """Sentences that follow each other closely, as one: numbers may begin in one and end in the
    next. What was masked before stays so, and counts. `secret`: a word such as PIN came before."""
    whole = _BREAK.join(text.replace(_BREAK, " ") for text in texts)
    return _covered(whole, list(_hidden(whole, asked=asked, secret=secret))).split(_BREAK)


def hidden_in(text: str, *, asked: bool = False) -> list[str]:
    """The numbers that `mask` takes out, as digits."""
    return [run.digits for run in _hidden(text, asked=asked, secret=False)]


def _hidden(text: str, *, asked: bool, secret: bool) -> Iterator[Run]:
    found = runs(text)
    whole = found if secret or mentions_secret(text) else []
    beside = _beside(text, found) if asked else whole
    if sum(len(run.digits) for run in beside) < MOST_BESIDE:
        beside = []
    for run in found:
        known = HIDDEN in run.digits or run in beside
        if known or (not asked and len(run.digits) >= MOST and not _measures(text, run)):
            yield run


def _beside(text: str, found: Sequence[Run]) -> list[Run]:
    """Where a number was asked for: those that a word for a secret is about. They follow it in the
    same sentence, or the nearest one stands before it."""
    near: list[Run] = []
    for word in _SECRET.finditer(_without_codes_of_places(text)):
        end = _SENTENCE_END.search(text, word.end())
        until = min(word.end() + _FAR, end.start() if end else len(text))
        after = [run for run in found if word.end() < run.end and run.start < until]
        before = [run for run in found if 0 <= word.start() - run.end < _FAR // 2]
        near += after or before[-1:]
    return near


def _without_codes_of_places(text: str) -> str:
    return _NO_SECRET.sub(lambda code: " " * len(code[0]), text)


def _measures(text: str, run: Run) -> bool:
    """A sum of money, a time with its unit, the year after a month."""
    if HIDDEN in run.digits or len(run.digits) > 2 * MOST:
        return False
    before = text[max(0, run.start - 20) : run.start]
    year = len(run.digits) == 4 and run.digits[:2] in ("19", "20")
    return bool(
        _AFTER.match(text, run.end) or _MONEY.search(before) or (year and _MONTH.search(before))
    )


def _covered(text: str, found: Sequence[Run]) -> str:
    """Each run, with what stands between its pieces, is `••••`, however long it was; where it goes
    over the end of a sentence, in both."""
    for run in reversed(found):
        said = text[run.start : run.end]
        kept = _BREAK.join(MASKED if pieces(part) else part for part in said.split(_BREAK))
        text = text[: run.start] + kept + text[run.end :]
    return text


def masked_event(event: ev.Event, *, values: bool = True) -> ev.Event:
    """An event as it may be stored, whoever sent it: what a caller said in it is masked. What we
    say ourselves is not: prices, dates and our own numbers are no secret. Without `values` an
    argument of a tool that is nothing but a number is left: only the sender knows what it means."""
    replace = msgspec.structs.replace
    match event:
        case ev.Heard():
            text = mask(event.text, asked=event.asked) if event.final else mask_part(event.text)
            return event if text == event.text else replace(event, text=text)
        case ev.VoiceMessage():
            return replace(event, text=mask(event.text, asked=True))
        case ev.Tool():
            return replace(event, arguments=_arguments(event, values))
        case ev.HandedOver() | ev.PersonWanted():
            return replace(event, summary=_quotes(event.summary))
        case _:
            return event


def _arguments(tool: ev.Tool, values: bool) -> Any:
    def masked(value: str) -> str:
        sentence = any(character.isalpha() for character in value)
        return mask(value, asked=tool.asked) if values or sentence else value

    return in_strings(tool.arguments, masked)


def in_strings(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with each string in it changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [in_strings(one, change) for one in value]
    if isinstance(value, dict):
        return {key: in_strings(one, change) for key, one in value.items()}
    return value


def _quotes(summary: str) -> str:
    """Of a summary only what it quotes is the caller's own words; it names accounts, too."""
    return re.sub("“[^”]*”", lambda quote: mask(quote[0]), summary)
