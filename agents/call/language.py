"""The language of a call by now, and with whose ears, words and voice it is spoken."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.company.phrases import Phrases, phrases
from agents.providers.session_factory import SessionFactory
from agents.providers.voice import Voice, voice_of
from agents.settings import Settings


@dataclass
class CallLanguage:
    """Changes with the plan's choice. Whoever speaks at that moment finishes in their own."""

    settings: Settings
    providers: SessionFactory
    phrases: Phrases = field(init=False)
    voice: Voice = field(init=False)
    heard_last: Voice | None = None
    """Whose voice the caller heard last."""

    def __post_init__(self) -> None:
        self._choose()

    @property
    def language(self) -> str:
        """The plan's choice, if there is a voice for it."""
        return self.providers.language

    def follow(self, wanted: str) -> None:
        """From here on what the plan wants, or the nearest that there is a voice for."""
        language = self.providers.voices.heard(wanted)
        if language != self.language:
            self.providers = self.providers.speaking(language)
            self._choose()

    def _choose(self) -> None:
        self.phrases = phrases(self.language)
        self.voice = voice_of(self.settings, self.providers.choices, self.language)

    def voice_named(self, name: str) -> Voice:
        """What was rendered in a persona's own voice; without a name in the usual one."""
        if not name:
            return self.voice
        return voice_of(self.settings, self.providers.choices, self.language, name)
