"""Numbers as callers say them and recognisers write them, in English and German."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialplans.speech.number_words import (
    AMBIGUOUS,
    ARTICLES,
    HUNDREDS,
    LINKED,
    LINKS,
    REPEATS,
    SOUNDS_LIKE,
    TENS,
    THOUSANDS,
    TIMES,
    UNITS,
    digits_of,
    singular,
)

IDIOMS = re.compile(r"\bone (?:more )?(?:moment|second|sec|minute|thing|time)s?\b", re.IGNORECASE)
"""Where "one" is no digit: somebody who looks for their letter asks for one moment."""
HIDDEN = "•"
"""A digit that was masked before."""

_NEAR = 6
"""So many words on either side are looked at."""
_WORD = re.compile(rf"\d+|{HIDDEN}+|[^\W\d_]+")
_CLOSE = re.compile(r"[\s\-‐‑–—]*")
_APART = re.compile(r"[\s,.;:/|'\"\-‐‑–—]*")


@dataclass(frozen=True)
class Piece:
    """A number as somebody says it in one breath: where it stands and which digits it is."""

    start: int
    end: int
    digits: str


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    word: str
    digits: str = ""
    """Empty for a word that is no number."""
    sure: bool = True
    value: int = -1
    """Of those with up to three digits."""


def pieces(text: str, *, certain: bool = False) -> list[Piece]:
    """The numbers of a text in their order. `certain`: "for" and "to" are digits only between two
    others ("one for seven"), not after them ("1 0 0 for Mr Smith")."""
    lowered = IDIOMS.sub(lambda found: " " * len(found[0]), text).lower()
    if len(lowered) != len(text):  # a letter whose lower case is longer would shift every place
        lowered = text
    tokens = [_token(match[0], match.start()) for match in _WORD.finditer(lowered)]
    tokens = [
        t for at, t in enumerate(tokens) if t.sure or _among_digits(lowered, tokens, at, certain)
    ]
    reader = _Reader(lowered, tokens)
    found: list[Piece] = []
    at = 0
    while at < len(tokens):
        piece, at = reader.read(at)
        if piece is not None:
            found.append(piece)
    return found


def digits_in(text: str) -> str:
    """All digits of a sentence in their order, spoken or written; empty if there are none."""
    return joined(pieces(text, certain=True))


def joined(found: Sequence[Piece]) -> str:
    return "".join(piece.digits for piece in found).replace(HIDDEN, "")


def without(found: Sequence[Piece], text: str) -> str:
    """What is left of a sentence without these numbers of it."""
    ends, begins = [0, *(one.end for one in found)], [*(one.start for one in found), len(text)]
    return " ".join(text[end:begin] for end, begin in zip(ends, begins, strict=True))


def apart(text: str, start: int, end: int) -> bool:
    """Whether nothing but spaces and punctuation lies between two places of a text."""
    return _APART.fullmatch(text, start, end) is not None


def _token(word: str, start: int) -> _Token:
    digits, sure = (word, True) if word[0] == HIDDEN else digits_of(word)
    value = int(digits) if len(digits) < 4 and digits.isdigit() else -1
    return _Token(start, start + len(word), word, digits, sure, value)


def _among_digits(text: str, tokens: list[_Token], at: int, certain: bool) -> bool:
    """Whether a word that may mean something else stands beside a digit; one that only sounds
    like a digit needs two single ones, `certain` one on each side."""
    here = tokens[at].word
    sides = [list(_beside(text, tokens, at, step)) for step in (-1, 1)]
    around = [token for side in sides for token in side]
    if here not in SOUNDS_LIKE:
        alike = sum(token.word in AMBIGUOUS for token in around)
        return any(token.sure for token in around) or (here in AMBIGUOUS and alike >= 2)
    single = [sum(token.sure and len(token.digits) == 1 for token in side) for side in sides]
    return sum(single) >= 2 and (min(single) > 0 or not certain)


def _beside(text: str, tokens: list[_Token], at: int, step: int) -> Iterator[_Token]:
    """What stands on one side of a word, the nearest first, as long as it is digits."""
    linked = False
    for there in range(at + step, at + step * _NEAR, step):
        if not 0 <= there < len(tokens):
            return
        token = tokens[there]
        first, second = (token, tokens[there - step])[::-step]
        if not apart(text, first.end, second.start):
            return
        if token.word in LINKS:
            linked = True
        elif token.word in REPEATS or (token.digits and (not linked or tokens[at].word in LINKED)):
            yield token
        else:
            return


class _Reader:
    """Puts words that are one number together."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self._text = text
        self._tokens = tokens

    def read(self, at: int) -> tuple[Piece | None, int]:
        """The number that begins here, if one does, and where to go on."""
        token = self._tokens[at]
        if (times := self._times(at)) is not None:
            return self._repeated(at, *times)
        if not token.digits:
            return None, at + 1
        value, after = self._cardinal(at)
        digits = token.digits if after == at + 1 else str(value)
        if (
            len(digits) == 1
            and (times := self._times(after)) is not None
            and self._counted(times[1]) is None
            and apart(self._text, token.end, self._tokens[after].start)
        ):
            often, after = times
            digits *= often
        return Piece(token.start, self._tokens[after - 1].end, digits), after

    def _times(self, at: int) -> tuple[int, int] | None:
        """How often, and where it ends: `double`, `dreimal`, `three times`, `two` of fives."""
        token = self._at(at)
        if token is None:
            return None
        if token.word in REPEATS:
            return REPEATS[token.word], at + 1
        if 0 < token.value < 10 and self._plural(at + 1):
            return token.value, at + 1
        if 1 < token.value < 10 and self._next(at + 1, TIMES):
            return token.value, at + 2
        return None

    def _counted(self, at: int) -> int | None:
        """Where the digit stands that is said so often: `double five`, `dreimal die vier`. After
        "times" only a single one, close by: "seven times 24" is no number of fourteen digits."""
        times = self._tokens[at - 1].word in TIMES
        for ahead in (at, at + 1):
            there, before = self._at(ahead), self._tokens[ahead - 1]
            between = _CLOSE if times else _APART
            if there is None or not between.fullmatch(self._text, before.end, there.start):
                return None
            if there.digits:
                return ahead if len(there.digits) == 1 or not times else None
            if there.word not in ARTICLES:
                return None
        return None

    def _repeated(self, at: int, often: int, after: int) -> tuple[Piece | None, int]:
        token, counted = self._tokens[at], self._counted(after)
        if counted is not None:
            there = self._tokens[counted]
            return Piece(token.start, there.end, there.digits * often), counted + 1
        if token.digits:
            return Piece(token.start, token.end, token.digits), at + 1
        return None, at + 1

    def _plural(self, at: int) -> bool:
        there = self._at(at)
        return there is not None and singular(there.word) is not None

    def _at(self, at: int) -> _Token | None:
        return self._tokens[at] if at < len(self._tokens) else None

    def _next(self, at: int, words: frozenset[str]) -> bool:
        there, before = self._at(at), self._tokens[at - 1]
        if there is None or there.word not in words:
            return False
        return _CLOSE.fullmatch(self._text, before.end, there.start) is not None

    def _cardinal(self, at: int) -> tuple[int, int]:
        value, after = self._under_1000(at)
        if value > 0 and self._next(after, THOUSANDS):
            value, after = value * 1000, after + 1
            rest, end = self._rest(after, self._under_1000)
            value, after = value + rest, end
        return value, after

    def _under_1000(self, at: int) -> tuple[int, int]:
        value, after = self._under_100(at)
        if 0 < value < 100 and self._next(after, HUNDREDS):
            value, after = value * 100, after + 1
            rest, end = self._rest(after, self._under_100)
            if not self._next(end, HUNDREDS):  # "one hundred two hundred" are two numbers
                value, after = value + rest, end
        return value, after

    def _rest(self, at: int, read: object) -> tuple[int, int]:
        """What follows a hundred or a thousand, with or without `and`."""
        assert callable(read)
        begin = at + 1 if self._next(at, frozenset({"and", "und"})) else at
        there = self._at(begin)
        if (
            there is None
            or not there.digits
            or not apart(self._text, self._tokens[begin - 1].end, there.start)
        ):
            return 0, at
        value, after = read(begin)
        return (value, after) if value > 0 else (0, at)

    def _under_100(self, at: int) -> tuple[int, int]:
        token, unit = self._tokens[at], self._at(at + 1)
        if token.word in TENS and unit is not None and unit.word in UNITS and unit.value:
            if _CLOSE.fullmatch(self._text, token.end, unit.start):
                return token.value + unit.value, at + 2
        elif token.word in UNITS and token.value and self._next(at + 1, frozenset({"und"})):
            tens = self._at(at + 2)
            if tens is not None and tens.word in TENS:
                return token.value + tens.value, at + 3
        return token.value, at + 1
