"""Understanding in this process: what the speech process would answer, without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.speech.client.client import SpeechClient
from agents.speech.intents.intents import IntentSet
from agents.speech.models.understand import Understanding
from dialplans.contracts.speech_wire import Understood


@dataclass
class Mind:
    """Implements `agents.speech.client.matching.Mind`."""

    client: SpeechClient
    intents: IntentSet
    language: str


class InProcess(SpeechClient):
    """A client that asks one set of intents directly."""

    def __init__(self, known: Understanding) -> None:
        super().__init__("/nonexistent")
        self.known = known

    async def understand(
        self, text: str, intents: IntentSet, language: str = "en", *, among: Sequence[str] = ()
    ) -> Understood:
        ranked = self.known.rank(text, language, among)
        return Understood(intent=ranked.intent, score=ranked.score, best=ranked.best)

    def mind(self, intents: IntentSet, language: str) -> Mind:
        return Mind(self, intents, language)
