"""Numbers as callers say them and recognisers write them, in English and German."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

UNITS = {
    "zero": 0, "oh": 0, "o": 0, "nought": 0, "naught": 0, "one": 1, "won": 1, "two": 2, "too": 2,
    "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ate": 8, "nine": 9,
    "niner": 9,
    "null": 0, "eins": 1, "ein": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fünf": 5,
    "fuenf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
}  # fmt: skip
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "zehn": 10, "elf": 11, "zwölf": 12, "zwoelf": 12, "dreizehn": 13, "vierzehn": 14,
    "fünfzehn": 15, "fuenfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18,
    "neunzehn": 19,
}  # fmt: skip
TENS = {
    "twenty": 2, "thirty": 3, "forty": 4, "fourty": 4, "fifty": 5, "sixty": 6, "seventy": 7,
    "eighty": 8, "ninety": 9, "zwanzig": 2, "dreißig": 3, "dreissig": 3, "vierzig": 4,
    "fünfzig": 5, "fuenfzig": 5, "sechzig": 6, "siebzig": 7, "achtzig": 8, "neunzig": 9,
}  # fmt: skip
REPEATS = {
    "double": 2, "doppel": 2, "doppelt": 2, "zweimal": 2, "twice": 2, "triple": 3, "treble": 3,
    "dreimal": 3, "dreifach": 3, "quadruple": 4, "viermal": 4,
}  # fmt: skip
AMBIGUOUS = frozenset({"o", "oh", "too", "won", "ate", "ein", "acht"})
"""Also everyday words: they count only beside another digit."""
IDIOMS = re.compile(r"\bone (?:more )?(?:moment|second|sec|minute|thing|time)s?\b", re.IGNORECASE)
"""Where "one" is no digit: somebody who looks for their letter asks for one moment."""
HIDDEN = "•"
"""A digit that was masked before."""

_SOUNDS_LIKE = {"for": 4, "fore": 4, "to": 2}
"""What a recogniser writes for a digit; a digit only among others."""
_NEAR = 6
"""So many words on either side are looked at."""
_HUNDREDS = frozenset({"hundred", "hundert"})
_THOUSANDS = frozenset({"thousand", "tausend"})
_WORD = re.compile(rf"\d+|{HIDDEN}+|[^\W\d_]+")
_CLOSE = re.compile(r"[\s\-‐‑–—]*")
_APART = re.compile(r"[\s,.;:/|'\"\-‐‑–—]*")


def _any(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


_UNIT = _any({*UNITS, "eine"} - {"o", "oh", "too", "won", "ate"})
_TEEN, _TEN = _any(TEENS), _any(TENS)
_UNDER_100 = f"(?:{_UNIT}und{_TEN}|{_TEN}{_UNIT}?|{_TEEN}|{_UNIT})"
_UNDER_1000 = f"(?:(?:{_UNIT}|{_TEEN})?hundert(?:und)?{_UNDER_100}?|{_UNDER_100})"
_CARDINAL = re.compile(f"(?:{_UNDER_1000})?tausend(?:und)?(?:{_UNDER_1000})?|{_UNDER_1000}")
_MORPHEME = re.compile(f"tausend|hundert|und|{_TEN}|{_TEEN}|{_UNIT}")


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

    @property
    def value(self) -> int:
        return int(self.digits) if self.digits.isdigit() and len(self.digits) < 4 else -1


def pieces(text: str) -> list[Piece]:
    """The numbers of a text in their order."""
    lowered = IDIOMS.sub(lambda found: " " * len(found[0]), text).lower()
    if len(lowered) != len(text):  # a letter whose lower case is longer would shift every place
        lowered = text
    tokens = [_token(match[0], match.start()) for match in _WORD.finditer(lowered)]
    tokens = [t for at, t in enumerate(tokens) if t.sure or _among_digits(lowered, tokens, at)]
    found: list[Piece] = []
    at = 0
    while at < len(tokens):
        piece, at = _Reader(lowered, tokens).read(at)
        if piece is not None:
            found.append(piece)
    return found


def apart(text: str, start: int, end: int) -> bool:
    """Whether nothing but spaces and punctuation lies between two places of a text."""
    return _APART.fullmatch(text, start, end) is not None


def _token(word: str, start: int) -> _Token:
    end = start + len(word)
    if word[0] == HIDDEN:
        return _Token(start, end, word, word)
    if word.isdigit():
        return _Token(start, end, word, "".join(str(unicodedata.digit(c)) for c in word))
    if word in _SOUNDS_LIKE:
        return _Token(start, end, word, str(_SOUNDS_LIKE[word]), sure=False)
    if word in UNITS:
        return _Token(start, end, word, str(UNITS[word]), sure=word not in AMBIGUOUS)
    if word in TEENS:
        return _Token(start, end, word, str(TEENS[word]))
    if word in TENS:
        return _Token(start, end, word, f"{TENS[word]}0")
    if (one := _singular(word)) is not None:
        return _Token(start, end, word, str(UNITS[one]), sure=False)
    if word not in _THOUSANDS and word not in _HUNDREDS and (whole := _compound(word)):
        return _Token(start, end, word, whole)
    return _Token(start, end, word)


def _singular(word: str) -> str | None:
    """`fives` → five, `sixes` → six."""
    ends = [word.removesuffix("s"), word.removesuffix("es")] if word not in UNITS else []
    return next((one for one in ends if one != word and one in UNITS), None)


def _compound(word: str) -> str:
    """`siebenundvierzig` → 47; several numbers without a space between them one after another."""
    if word == "eine":
        return ""
    found, at = [], 0
    while at < len(word):
        match = _CARDINAL.match(word, at)
        if match is None or match.end() == at:
            return ""
        found.append(str(_evaluate(match[0])))
        at = match.end()
    return "".join(found)


def _evaluate(word: str) -> int:
    total = current = 0
    for part in _MORPHEME.findall(word):
        if part == "tausend":
            total, current = 1000 * (current or 1), 0
        elif part == "hundert":
            current = 100 * (current or 1)
        elif part != "und":
            current += UNITS.get(part, TEENS.get(part, 10 * TENS.get(part, 0)))
            current += part == "eine"
    return total + current


def _among_digits(text: str, tokens: list[_Token], at: int) -> bool:
    """Whether a word that may mean something else stands beside a digit; one that only sounds
    like a digit needs two single ones."""
    here = tokens[at]
    near = 0
    for step in (-1, 1):
        there = at + step
        while 0 <= there < len(tokens) and abs(there - at) < _NEAR:
            first, second = sorted((tokens[there - step], tokens[there]), key=lambda t: t.start)
            if not apart(text, first.end, second.start):
                break
            if tokens[there].word in REPEATS and here.word not in _SOUNDS_LIKE:
                return True
            if not tokens[there].digits:
                break
            near += tokens[there].sure and (len(tokens[there].digits) == 1)
            if here.word not in _SOUNDS_LIKE and tokens[there].sure:
                return True
            there += step
    return near >= 2


class _Reader:
    """Puts words that are one number together."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self._text = text
        self._tokens = tokens

    def read(self, at: int) -> tuple[Piece | None, int]:
        """The number that begins here, if one does, and where to go on."""
        token = self._tokens[at]
        if token.word in REPEATS:
            return self._repeated(at)
        if not token.digits:
            return None, at + 1
        value, after = self._cardinal(at)
        digits = token.digits if after == at + 1 else str(value)
        counted = self._at(after)
        if after == at + 1 and 0 < token.value < 10 and self._plural(at + 1):
            assert counted is not None
            return Piece(token.start, counted.end, counted.digits * token.value), after + 1
        return Piece(token.start, self._tokens[after - 1].end, digits), after

    def _repeated(self, at: int) -> tuple[Piece | None, int]:
        """`double five`, `dreimal die vier`."""
        for ahead in (at + 1, at + 2):
            there = self._at(ahead)
            if there is not None and there.digits:
                digits = there.digits * REPEATS[self._tokens[at].word]
                return Piece(self._tokens[at].start, there.end, digits), ahead + 1
        return None, at + 1

    def _plural(self, at: int) -> bool:
        """`two fives`."""
        there = self._at(at)
        return there is not None and _singular(there.word) is not None

    def _at(self, at: int) -> _Token | None:
        return self._tokens[at] if at < len(self._tokens) else None

    def _next(self, at: int, words: frozenset[str]) -> bool:
        there, before = self._at(at), self._tokens[at - 1]
        if there is None or there.word not in words:
            return False
        return _CLOSE.fullmatch(self._text, before.end, there.start) is not None

    def _cardinal(self, at: int) -> tuple[int, int]:
        value, after = self._under_1000(at)
        if value > 0 and self._next(after, _THOUSANDS):
            value, after = value * 1000, after + 1
            rest, end = self._rest(after, self._under_1000)
            value, after = value + rest, end
        return value, after

    def _under_1000(self, at: int) -> tuple[int, int]:
        value, after = self._under_100(at)
        if 0 < value < 100 and self._next(after, _HUNDREDS):
            value, after = value * 100, after + 1
            rest, end = self._rest(after, self._under_100)
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
