"""Written text as it should be read aloud: what the voice's own reader gets wrong.

It reads prices, dates and times well, and telephone numbers and references as if they were
quantities ("forty-nine, eighty-nine, two thousand"). German is left to espeak-ng but for these.
"""

from __future__ import annotations

import re

from dialplans.speech.numerals import HIDDEN

_DIGITS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "de": ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
}
_PLUS = {"en": "plus", "de": "plus"}
_HIDDEN = {"en": "a number", "de": "eine Zahl"}
"""What a masked number is called, such as to a colleague who is told what the caller said last."""

_GERMAN_PRICE = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})*|\d+),(\d{2})\s?(?:€|EUR\b|euros?\b)")
_PHONE = re.compile(
    # Each group takes all its digits and gives none back: else every way to divide a long row of
    # digits into five would be tried.
    r"(?<!\w)(\+\d{1,3}(?:[ /-]?\d{2,}+){1,5}|0\d{1,4}(?:[ /-]\d{2,}+){1,4})(?!\w)"
)
_REFERENCE = re.compile(r"(?<!\w)([A-Z]{1,4})-(\d[\d-]*)(?!\w)")
_LONG_NUMBER = re.compile(r"(?<![\w.,€$£-])(0\d{2,}|\d{5,})(?![\w€$£%]|[.,]\d)")
_NAMED_NUMBER = re.compile(
    r"\b((?:number|PIN|code|ticket|reference|Nummer|Ticket|Kundennummer)(?: is| ist|:)? )"
    r"(\d{3,})(?![\w€$£%]|[.,:]\d)",
)


def readable(text: str, language: str = "en") -> str:
    """The sentence with numbers that are names spelled digit by digit, in groups."""
    text = re.sub(f"{HIDDEN}+", _HIDDEN[_known(language)], " ".join(text.split()))
    if language == "en":
        text = _GERMAN_PRICE.sub(lambda m: f"€{m[1].replace('.', '')}.{m[2]}", text)
    text = _PHONE.sub(lambda m: _phone(m[1], language), text)
    text = _REFERENCE.sub(lambda m: f"{' '.join(m[1])}, {_spell(m[2], language)}", text)
    text = _NAMED_NUMBER.sub(lambda m: m[1] + _spell(m[2], language), text)
    return _LONG_NUMBER.sub(lambda m: _spell(m[1], language), text)


def _phone(number: str, language: str) -> str:
    plus = f"{_PLUS[_known(language)]} " if number.startswith("+") else ""
    return plus + ", ".join(_spell(part, language) for part in re.findall(r"\d+", number))


def _spell(digits: str, language: str) -> str:
    """Digit by digit; with a breath after every three or four where there are many."""
    words = _DIGITS[_known(language)]
    groups = [g for part in digits.split("-") if part for g in _groups(part)]
    return ", ".join(" ".join(words[int(digit)] for digit in group) for group in groups)


def _groups(digits: str) -> list[str]:
    if len(digits) <= 4:
        return [digits]
    size = 4 if len(digits) % 4 == 0 else 3
    cut = [digits[i : i + size] for i in range(0, len(digits), size)]
    if len(cut) > 1 and len(cut[-1]) == 1:
        cut[-2:] = [cut[-2] + cut[-1]]
    return cut


def _known(language: str) -> str:
    return language if language in _DIGITS else "en"
