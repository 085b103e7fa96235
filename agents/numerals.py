"""Digits in what a recogniser heard: "four seven double one", "vier sieben elf", "4-7-1-1"."""

from __future__ import annotations

import re

from dialplans.numerals import AMBIGUOUS, IDIOMS

_UNITS = {
    "zero": 0, "oh": 0, "o": 0, "nought": 0, "one": 1, "won": 1, "two": 2, "too": 2, "three": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ate": 8, "nine": 9,
    "null": 0, "eins": 1, "ein": 1, "zwei": 2, "zwo": 2, "drei": 3, "vier": 4, "fünf": 5,
    "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
}  # fmt: skip
_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15,
    "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
}  # fmt: skip
_TENS = {
    "twenty": 2, "thirty": 3, "forty": 4, "fifty": 5, "sixty": 6, "seventy": 7, "eighty": 8,
    "ninety": 9, "zwanzig": 2, "dreißig": 3, "dreissig": 3, "vierzig": 4, "fünfzig": 5,
    "sechzig": 6, "siebzig": 7, "achtzig": 8, "neunzig": 9,
}  # fmt: skip
_REPEATS = {"double": 2, "doppel": 2, "zweimal": 2, "triple": 3, "dreimal": 3}
_AND = re.compile(r"^(ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und(\w+)$")


def digits_in(text: str) -> str:
    """All digits of a sentence in order, spoken or written; empty if there are none."""
    out: list[str] = []
    sure = False
    repeat = 1
    tens: int | None = None
    for word in re.findall(r"\d+|[^\W\d_]+", IDIOMS.sub(" ", text.lower())):
        if word in _REPEATS:
            repeat = _REPEATS[word]
            continue
        piece: str | None = None
        if word.isdigit():
            piece, certain = word, True
        elif word in _UNITS:
            if tens is not None and _UNITS[word]:
                piece, certain, tens = f"{tens}{_UNITS[word]}", True, None
            else:
                piece, certain = str(_UNITS[word]), word not in AMBIGUOUS
        elif word in _TEENS:
            piece, certain = str(_TEENS[word]), True
        elif word in _TENS:
            if tens is not None:
                out.append(f"{tens}0")
            tens, sure = _TENS[word], True
            continue
        elif (both := _AND.match(word)) and both[2] in _TENS:
            piece, certain = f"{_TENS[both[2]]}{_UNITS[both[1]]}", True
        if piece is None:
            continue
        if tens is not None:
            out.append(f"{tens}0")
            tens = None
        out.append(piece * repeat)
        repeat = 1
        sure = sure or certain
    if tens is not None:
        out.append(f"{tens}0")
    joined = "".join(out)
    return joined if sure or len(joined) >= 3 else ""
