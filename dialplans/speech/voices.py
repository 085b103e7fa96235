"""Which languages can be spoken here, and what a caller hears in place of one that cannot.

The embedded voice speaks English; German it leaves to espeak-ng, a program that a machine may
lack. A voice from elsewhere (`SWITCHBOARD_TTS`) is taken to speak whatever it is asked to.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import msgspec

from dialplans.speech.language import base_language

SETTING = "SWITCHBOARD_TTS"
EMBEDDED = "embedded"
PROGRAM = "espeak-ng"
FALLBACK, FALLBACK_NAME = "en", "English"
"""The voice that comes inside a package, so that it is there on every machine."""
BY_PROGRAM = ("de", "en")
IN_FORCE = "switchboard:voices"
"""Where the worker that started last says what its machine speaks, for whoever is elsewhere."""


class Voices(msgspec.Struct, frozen=True):
    """`languages` without regions; None: there is no language that is known to be missing."""

    languages: tuple[str, ...] | None = None

    def speak(self, language: str) -> bool:
        return self.languages is None or base_language(language) in self.languages

    def heard(self, language: str) -> str:
        """What a caller hears who is to hear `language`: never silence."""
        return language if self.speak(language) else FALLBACK


EVERY = Voices()


def here(environment: Mapping[str, str]) -> Voices:
    """Of this machine with these settings. A provider that is named but lacks its key is replaced
    by the embedded voice; only `agents.providers.models` knows that, and the workers tell it
    (`IN_FORCE`)."""
    asked = environment.get(SETTING) or EMBEDDED
    return embedded() if asked == EMBEDDED else EVERY


def embedded() -> Voices:
    return Voices(BY_PROGRAM if shutil.which(PROGRAM) else (FALLBACK,))
