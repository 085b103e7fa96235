"""The words that numbers are said with, in English and German, and the digits of each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

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
    "double": 2, "doppel": 2, "doppelt": 2, "zweimal": 2, "twice": 2, "pair": 2, "triple": 3,
    "treble": 3, "thrice": 3, "dreimal": 3, "dreifach": 3, "quadruple": 4, "viermal": 4,
    "vierfach": 4,
}  # fmt: skip
AMBIGUOUS = frozenset({"o", "oh", "too", "won", "ate", "ein", "acht"})
"""Also everyday words: they count only beside another digit."""
LINKED = frozenset({"o", "oh", "acht"})
"""Of these, those that count beside "and" or "eine", too."""
SOUNDS_LIKE = {"for": 4, "fore": 4, "to": 2}
"""What a recogniser writes for a digit; a digit only among others."""
TIMES = frozenset({"mal", "times", "x"})
ARTICLES = frozenset({"the", "a", "an", "of", "die", "der", "den", "das", "eine", "einer", "ne"})
"""Between a digit and what repeats it: `dreimal die vier`, `a pair of ones`."""
LINKS = ARTICLES | {"and", "then", "und", "dann", "noch"}
"""Between two digits: "fünf und eine acht" are two of them."""
HUNDREDS = frozenset({"hundred", "hundert"})
THOUSANDS = frozenset({"thousand", "tausend"})


def _any(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


_UNIT = _any({*UNITS, "eine"} - {"o", "oh", "too", "won", "ate"})
_TEEN, _TEN = _any(TEENS), _any(TENS)
_UNDER_100 = f"(?:{_UNIT}und{_TEN}|{_TEN}{_UNIT}?|{_TEEN}|{_UNIT})"
_UNDER_1000 = f"(?:(?:{_UNIT}|{_TEEN})?hundert(?:und)?{_UNDER_100}?|{_UNDER_100})"
_CARDINAL = re.compile(f"(?:{_UNDER_1000})?tausend(?:und)?(?:{_UNDER_1000})?|{_UNDER_1000}")
_MORPHEME = re.compile(f"tausend|hundert|und|{_TEN}|{_TEEN}|{_UNIT}")


def digits_of(word: str) -> tuple[str, bool]:
    """The digits of a word in small letters, empty if it is no number; and whether it is one
    wherever it stands."""
    if word.isdigit():
        return word if word.isascii() else "".join(str(unicodedata.digit(c)) for c in word), True
    if word in SOUNDS_LIKE:
        return str(SOUNDS_LIKE[word]), False
    if word in UNITS:
        return str(UNITS[word]), word not in AMBIGUOUS
    if word in TEENS:
        return str(TEENS[word]), True
    if word in TENS:
        return f"{TENS[word]}0", True
    if (one := singular(word)) is not None:
        return str(UNITS[one]), False
    return "" if word in THOUSANDS or word in HUNDREDS else _compound(word), True


def singular(word: str) -> str | None:
    """`fives` → five, `sixes` → six, `Nullen` → null."""
    if not word.endswith(("s", "en")) or word in UNITS:
        return None
    ends = [word.removesuffix(end) for end in ("s", "es", "en")]
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
