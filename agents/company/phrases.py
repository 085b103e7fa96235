"""Everything the personas say in fixed words, by language, from `agents/prompts/phrases.*.yaml`.

Sentences without a blank are rendered ahead (`agents.providers.voice`): they cost no synthesis.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

import yaml

from agents.company import spoken_time
from agents.company.crm import Money
from dialplans.speech.language import base_language

LANGUAGES = ("en", "de")
_FOLDER = Path(__file__).parents[1] / "prompts"
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
        """A date as it is spoken, without its year: `the 4th of December`, `4. Dezember`."""
        return spoken_time.day(self.language, day)

    def clock(self, moment: datetime, *, ends: bool = False) -> str:
        """The time of day, as `spoken_time.clock` has it."""
        return spoken_time.clock(self.language, moment, ends=ends)

    def moment(self, then: datetime, now: datetime, *, ends: bool = False) -> str:
        """Day and time, the day as seen from `now`; see `spoken_time`."""
        return spoken_time.moment(self.language, then, now, ends=ends)

    @staticmethod
    def spelled(number: str) -> str:
        """A reference digit by digit, so that a caller can write it down."""
        return ", ".join(number)


@cache
def phrases(language: str) -> Phrases:
    """The phrases for a language tag such as `de` or `de-AT`; unknown ones are English."""
    base = base_language(language)
    if base not in LANGUAGES:
        base = "en"
    texts = _read("en") | (_read(base) if base != "en" else {})
    return Phrases(base, texts)


def _read(language: str) -> dict[str, str]:
    loaded = yaml.safe_load((_FOLDER / f"phrases.{language}.yaml").read_text(encoding="utf-8"))
    return {f"{group}.{key}": text for group, keys in loaded.items() for key, text in keys.items()}
