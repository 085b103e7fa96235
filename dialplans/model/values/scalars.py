"""The small values of the language: spans of time, rates, phrases, secrets, file names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, GetCoreSchemaHandler, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

from dialplans.model.values.base import fail, text_of
from dialplans.speech.language import base_language

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(?:\d{1,9}(?:ms|s|min|m|h|d))+\Z", re.ASCII)
_DURATION_PART = re.compile(r"(\d{1,9})(ms|s|min|m|h|d)", re.ASCII)
_RATE = re.compile(r"(\d{1,6})/(s|min|h|d)\Z", re.ASCII)
_LANGUAGE = r"^[a-z]{2,3}(-[A-Z]{2})?$"
_SECRET = re.compile(r"(?:env:([A-Za-z_]\w*)|\$\{env:([A-Za-z_]\w*)\})\Z", re.ASCII)


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    text = str(value)
    if not isinstance(value, str) or not _DURATION.match(text):
        hint = f"write {text}s for seconds" if text.isdigit() else "write 20s, 45m or 1h30m"
        fail("E_DURATION", f"'{text}' is not a length of time", hint)
    seconds = sum(int(n) * _UNITS[unit] for n, unit in _DURATION_PART.findall(text))
    if seconds > 366 * 86400:
        fail("E_DURATION", f"'{text}' is longer than a year")
    return timedelta(seconds=seconds)


Duration = Annotated[
    timedelta,
    PlainValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^([0-9]+(ms|s|min|m|h|d))+$"}),
]
"""`20s`, `45m`, `1h30m`, `500ms`, `30d`; a number without its unit is refused."""


@dataclass(frozen=True, slots=True)
class Least:
    """In an annotation: a shorter length of time is refused. Nobody could press a key within 0s."""

    text: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_after_validator_function(self._long_enough, handler(source))

    def _long_enough(self, span: timedelta) -> timedelta:
        if span < _duration(self.text):
            fail("E_DURATION", f"this is shorter than {self.text}", f"write {self.text} or more")
        return span


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in any `per`."""

    count: int
    per: timedelta

    def __str__(self) -> str:
        unit = {1: "s", 60: "min", 3600: "h", 86400: "d"}[int(self.per.total_seconds())]
        return f"{self.count}/{unit}"


def _rate(value: Any) -> Rate:
    if isinstance(value, Rate):
        return value
    found = _RATE.match(value) if isinstance(value, str) else None
    if not found:
        fail("E_RATE", f"'{value}' is not a rate", "write 3/min (or /s, /h, /d)")
    if int(found[1]) == 0:
        fail("E_RATE", "a rate of 0 would refuse every call", "remove the numbers' route instead")
    return Rate(int(found[1]), timedelta(seconds=_UNITS[found[2]]))


RateOf = Annotated[
    Rate,
    PlainValidator(_rate),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+/(s|min|h|d)$"}),
]

Language = Annotated[str, Field(pattern=_LANGUAGE, examples=["de", "en", "en-GB"])]


def _timezone(value: Any) -> str:
    text_of(value)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError, TypeError):
        fail("E_TIMEZONE", f"'{value}' is not a time zone", near_timezone(str(value)))
    return str(value)


def near_timezone(text: str) -> str:
    """What the writer of an unknown zone may have meant."""
    zones = sorted(available_timezones())
    by_city = [z for z in zones if z.rsplit("/", 1)[-1].lower() == text.lower().replace(" ", "_")]
    near = by_city or get_close_matches(text[:64], zones, 1, 0.7)
    return f"did you mean '{near[0]}'?" if near else "write it like Europe/Berlin"


Timezone = Annotated[
    str,
    PlainValidator(_timezone),
    WithJsonSchema({"type": "string", "examples": ["Europe/Berlin"]}),
]
"""A name of the IANA time zone database."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to say, by language; the key "" is for callers of any language."""

    by_language: Mapping[str, str]

    def said_in(self, language: str) -> str:
        """The phrase for a caller of `language`: exact, then without region, then any."""
        words = self.by_language
        base = base_language(language)
        for key in (language, base, ""):
            if key in words:
                return words[key]
        near = next((w for k, w in words.items() if base_language(k) == base), None)
        return near if near is not None else words[min(words)]


def _phrase(value: Any) -> Phrase:
    if isinstance(value, Phrase):
        return value
    by_language = {"": value} if isinstance(value, str) else value
    if not isinstance(by_language, Mapping) or not by_language:
        fail("E_TYPE", "words to say are a text, or one text for each language")
    for language, words in by_language.items():
        if language and not re.match(_LANGUAGE, language):
            fail("E_LANGUAGE", f"'{language}' is not a language", "write de, en or en-GB")
        if not isinstance(words, str) or not words.strip():
            fail("E_TYPE", "there is nothing to say here", "write the words in quotes")
    return Phrase({str(k): str(v) for k, v in by_language.items()})


PhraseOf = Annotated[
    Phrase,
    PlainValidator(_phrase),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": _LANGUAGE},
                    "additionalProperties": {"type": "string", "minLength": 1},
                },
            ]
        }
    ),
]
"""A text, or one text for each language: `{de: …, en: …}`."""


@dataclass(frozen=True, slots=True)
class Secret:
    """The name of the environment variable that holds a secret, never the secret."""

    env: str

    def __str__(self) -> str:
        return f"env:{self.env}"


def _secret(value: Any) -> Secret:
    if isinstance(value, Secret):
        return value
    found = _SECRET.match(value) if isinstance(value, str) else None
    if not found:
        fail(
            "E_SECRET",
            "a secret is written here in plain text",
            "put it into an environment variable and write env:NAME",
        )
    return Secret(found[1] or found[2])


SecretOf = Annotated[
    Secret,
    PlainValidator(_secret),
    WithJsonSchema({"type": "string", "pattern": r"^(env:[A-Za-z_]\w*|\$\{env:[A-Za-z_]\w*\})$"}),
]
"""`env:NAME` or `${env:NAME}`: the value is read when it is used and never shown."""
