"""Everything the personas say in fixed words, by language, from `agents/prompts/phrases.*.yaml`.

Sentences without a blank are rendered ahead (see `agents.voice`), so they cost no synthesis.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from agents.company import Money

LANGUAGES = ("en", "de")
_FOLDER = Path(__file__).parent / "prompts"
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
_CURRENCIES = {
    "en": {"GBP": ("pounds", "pence"), "EUR": ("euros", "cents"), "USD": ("dollars", "cents")},
    "de": {"GBP": ("Pfund", "Pence"), "EUR": ("Euro", "Cent"), "USD": ("Dollar", "Cent")},
}


class Phrases:
    """The sentences of one language. A key that another language lacks falls back to English."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def say(self, key: str, **blanks: object) -> str:
        return self._texts[key].format_map(blanks)

    def has(self, key: str) -> bool:
        return key in self._texts

    def fixed(self, *words: str) -> list[str]:
        """The sentences worth rendering ahead: those without a blank; with `words`, only those
        whose key holds one of them."""
        return [
            text
            for key, text in self._texts.items()
            if "{" not in text
            if not words or any(word in key for word in words)
        ]

    def money(self, money: Money) -> str:
        """An amount as it is spoken: `77 pounds`, `129 pounds and 50 pence`."""
        whole, part = divmod(int(money.amount * 100), 100)
        names = _CURRENCIES[self.language if self.language in _CURRENCIES else "en"]
        large, small = names.get(money.currency, (money.currency, ""))
        if not part:
            return f"{whole} {large}"
        joint = "und" if self.language == "de" else "and"
        return f"{whole} {large} {joint} {part} {small}".rstrip()

    def day(self, day: date) -> str:
        """A date as it is spoken, without its year: `the 4th of December`, `der 4. Dezember`."""
        if self.language == "de":
            return f"{day.day}. {_MONTHS['de'].split()[day.month - 1]}"
        ending = (
            "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
        )
        return f"the {day.day}{ending} of {_MONTHS['en'].split()[day.month - 1]}"

    @staticmethod
    def spelled(number: str) -> str:
        """A reference digit by digit, so that a caller can write it down."""
        return ", ".join(number)


@cache
def phrases(language: str) -> Phrases:
    """The phrases for a language tag such as `de` or `de-AT`; unknown ones are English."""
    base = language.lower().split("-")[0]
    if base not in LANGUAGES:
        base = "en"
    texts = _read("en") | (_read(base) if base != "en" else {})
    return Phrases(base, texts)


def _read(language: str) -> dict[str, str]:
    loaded = yaml.safe_load((_FOLDER / f"phrases.{language}.yaml").read_text(encoding="utf-8"))
    return {f"{group}.{key}": text for group, keys in loaded.items() for key, text in keys.items()}
