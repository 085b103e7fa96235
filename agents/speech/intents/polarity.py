"""Yes and no inside a sentence, in English and German, where a question waits for one of them.

Rules, not likeness: "yes" and "no" are short, and what stands around them ("no, it's red", "yes but
can I speak to a person") is long. Both languages are looked for, because callers mix them and a
recogniser writes "ja" as "yeah". The words are in `replies.yaml`.
"""

from __future__ import annotations

import re
from typing import Literal

from agents.speech.intents.questions import (
    anywhere,
    asks_for_more,
    asks_for_the_same,
    contraries,
    echo,
    offers,
    starts,
    words,
)

Reply = Literal["yes", "no", "later", "unsure"]
"""`later`: not yet, or wait; `unsure`: the caller cannot say."""

ECHO_WORDS, DENIED_WORDS = 6, 10
"""A longer sentence tells a story of its own, whatever words it shares with the question."""
NOT_YET_WORDS = 3
_LAST: dict[str, Reply] = {"yes": "yes", "ja": "yes", "no": "no", "nein": "no"}
_MIDDLE = re.compile(
    r"(?:\band|\bbut|\bso|\bund|\baber|,) (?:(yes|yeah|yep|ja)|(nope|nein|no(?= ,|$)))\b"
)


def reply_to(text: str, question: str = "") -> Reply | None:
    """What a caller's words answer, or None where they are no answer to a yes/no question.

    `question` is what was asked: "it is still slow" answers "is it still slow?" with yes."""
    plain = _plain(text)
    offer = offers(question)
    if (offer or asks_for_more(question)) and (taken := _taken(plain)):
        return taken
    if _accepts(plain):
        return "yes" if offer else "later"
    if anywhere("unsure").search(plain):
        return "unsure"
    first, rest = _lead(plain)
    if anywhere("still_here").search(plain) or _waits(rest) or _not_yet(plain, first, rest):
        return "later"
    return _told(rest, question) if first is None else _meant(first, rest, question)


def beside(text: str) -> str:
    """What a sentence says after its yes or no: "yes, but can I speak to a person" → the wish."""
    return " ".join(_lead(_plain(text))[1].replace(",", " ").split())


def _plain(text: str) -> str:
    """Lower case, and one comma where the sentence pauses."""
    lowered = text.lower().replace("’", "'")
    paused = re.sub(r"\s*[.,;:!?…–—-]+(?:\s+|$)", " , ", lowered)
    return " ".join(re.sub(r"[^\w', -]", " ", paused).split()).strip(" ,")


def _clauses(rest: str) -> list[str]:
    return [one.strip() for one in rest.split(",") if one.strip()]


def _accepts(plain: str) -> bool:
    return bool(plain) and not starts("accepts").sub("", plain).strip(" ,")


def _taken(plain: str) -> Reply | None:
    """What takes an offer, or leaves it, and would be no answer to another question."""
    rest = plain
    while True:
        if starts("declines").match(rest):
            return "no"
        if starts("agrees").match(rest):
            return "yes"
        filler = starts("before").match(rest)
        if filler is None:
            return None
        rest = rest[filler.end() :].lstrip(" ,")


def _lead(plain: str) -> tuple[Reply | None, str]:
    """The yes or no that the sentence begins with, after "um" and "I think", and what is left. Of
    several ("no wait, yes") the last one counts, but "nope, exactly" confirms; "no problem" is
    none."""
    found: Reply | None = None
    rest = ahead = plain.lstrip(" ,")
    while ahead and not starts("no_answer").match(ahead):
        no, yes = starts("no").match(ahead), starts("yes").match(ahead)
        filler = None if no or yes else starts("before").match(ahead)
        word = max(filter(None, (no, yes, filler)), key=re.Match.end, default=None)
        if word is None:
            break
        confirms = found is not None and word is yes and not starts("takes_back").match(ahead)
        ahead = ahead[word.end() :].lstrip(" ,")
        if word is not filler:
            found, rest = found if confirms else "no" if word is no else "yes", ahead
    return found, rest.strip(" ,")


def _waits(rest: str) -> bool:
    return any(starts("wait").match(clause) for clause in _clauses(rest)[:2])


def _not_yet(plain: str, first: Reply | None, rest: str) -> bool:
    """ "No, not yet" is a not yet; who says no and tells why has answered."""
    bare = first is None or (first == "no" and len(rest.split()) <= NOT_YET_WORDS)
    return bare and bool(anywhere("not_yet").search(plain))


def _meant(first: Reply, rest: str, question: str) -> Reply | None:
    """A yes or no, unless what follows asks back or takes it back: "yeah it's not green"."""
    clauses = _clauses(rest)
    if any(starts("asks_back").match(clause) for clause in clauses[:1]):
        return first if starts("what_now").fullmatch(clauses[0]) else None
    short = [clause for clause in clauses if len(clause.split()) <= ECHO_WORDS]
    taken_back = any(_denies(clause, question, echoing=True) for clause in short)
    return "no" if first == "yes" and taken_back else first


def _told(rest: str, question: str) -> Reply | None:
    """Without a yes or no in front: one in the middle or at the end, or a statement."""
    if len(rest.split()) <= ECHO_WORDS and anywhere("unchanged").search(rest):
        return "yes" if asks_for_the_same(question) else "no"
    if any(starts(name).match(rest) for name in ("no_answer", "asks_back")):
        return None
    while opening := starts("opinion").match(rest) or starts("before").match(rest):
        rest = rest[opening.end() :].lstrip(" ,")
    if not rest or starts("asks").match(rest):
        return None
    if said := _MIDDLE.search(rest):
        return "yes" if said[1] else "no"
    whole = " ".join(rest.replace(",", " ").split())
    spoken = whole.split()
    if len(spoken) <= ECHO_WORDS and (last := _LAST.get(spoken[-1])):
        return last
    stated = (_stated(one, question) for one in (whole, *_clauses(rest)[:0:-1]))
    return next((found for found in stated if found), None)


def _stated(clause: str, question: str) -> Reply | None:
    """A statement about what was asked, in the question's words or against them."""
    if anywhere("past").search(clause):
        return None
    if starts("elliptic_yes").fullmatch(clause):
        return "yes"
    if starts("own").match(clause) and not _stated_as_seen(clause):
        return None
    length = len(clause.split())
    if _denies(clause, question):
        return "no" if length <= DENIED_WORDS else None
    return "yes" if length <= ECHO_WORDS and echo(question) & set(clause.split()) else None


def _stated_as_seen(clause: str) -> bool:
    """ "I see a green light", "I don't see any"; but "I can't see it from here" is no answer."""
    if starts("sees_not").match(clause):
        return not anywhere("unseen").search(clause)
    return bool(starts("sees").match(clause))


def _denies(clause: str, question: str, *, echoing: bool = False) -> bool:
    """By a negation (`echoing`: one of the question's own words), or by naming another colour or
    the contrary of what was asked for."""
    said, asked = set(anywhere("aside").sub("", clause).split()), echo(question)
    if anywhere("negation").search(clause) and (not echoing or asked & said):
        return True
    colours = words("colours")
    if asked & colours and said & colours and not asked & said & colours:
        return True
    return any(asked & these and said & those for these, those in contraries())
