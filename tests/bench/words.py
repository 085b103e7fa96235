"""Word errors of recognised speech, with numbers compared as numbers.

"Press 1", "press one" and "press one." are the same words, and so are "4711" and "four seven one
one": what is said digit by digit is compared digit by digit. Otherwise nothing is forgiven.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNITS = "zero one two three four five six seven eight nine".split()  # noqa: SIM905
_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 2, "thirty": 3, "forty": 4, "fifty": 5, "sixty": 6, "seventy": 7, "eighty": 8,
    "ninety": 9,
}  # fmt: skip
_SAME = {
    "okay": "ok", "oh": "zero", "dialled": "dialed", "cancelled": "canceled", "#": "pound",
    "*": "star", "can not": "cannot", "euros": "euro", "dollars": "dollar", "and": "",
}  # fmt: skip
_ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
}  # fmt: skip
_SHORT = {
    "i'm": "i am", "that's": "that is", "it's": "it is", "i'd": "i would", "you're": "you are",
    "what's": "what is", "don't": "do not", "doesn't": "does not", "can't": "cannot",
    "there's": "there is", "i've": "i have", "isn't": "is not",
    "won't": "will not", "www.": "www ", ".org": " org",
}  # fmt: skip


def words(text: str) -> list[str]:
    """The words of a sentence in one spelling; numbers digit by digit."""
    lowered = text.lower().replace("’", "'")
    for short, long in _SHORT.items():
        lowered = lowered.replace(short, long)
    for written, ordinal in _ORDINALS.items():
        lowered = re.sub(rf"\b{written}\b", ordinal, lowered)
    lowered = re.sub(r"€\s?([\d.,]+)", r"\1 euro", lowered)
    lowered = re.sub(r"(?<=\d)[.,-](?=\d)", " ", lowered)
    tokens = re.findall(r"\d|[a-zäöüß']+|[#*]", lowered)
    joined = _joined(tokens)
    found = []
    for token, following in zip(joined, [*joined[1:], ""], strict=True):
        found += _numbered(token).split()
        if token in _TENS and following not in _UNITS[1:]:
            found.append("0")
    return found


def _joined(tokens: list[str]) -> list[str]:
    """Compounds that people write either way."""
    text = " ".join(tokens)
    for apart, together in (
        ("touch tone", "touchtone"), ("file name", "filename"), ("key words", "keywords"),
        ("log in", "login"), ("play back", "playback"), ("can not", "cannot"), ("wi fi", "wifi"),
        ("key pad", "keypad"), ("un mute", "unmute"), ("black list", "blacklist"),
        ("good bye", "goodbye"), ("any more", "anymore"), ("adviser", "advisor"),
    ):  # fmt: skip
        text = text.replace(apart, together)
    return text.split()


def _numbered(token: str) -> str:
    token = _SAME.get(token, token)
    if token in _UNITS:
        return str(_UNITS.index(token))
    if token in _TEENS:
        return " ".join(str(_TEENS[token]))
    return str(_TENS[token]) if token in _TENS else token


def errors(said: str, heard: str) -> tuple[int, int]:
    """(insertions + deletions + substitutions, words said)."""
    reference, found = words(said), words(heard)
    row = list(range(len(found) + 1))
    for i, word in enumerate(reference, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(found, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1], len(reference)


def error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Word errors by words said, over all (said, heard) pairs."""
    counted = [errors(said, heard) for said, heard in pairs]
    return sum(wrong for wrong, _ in counted) / max(1, sum(total for _, total in counted))
