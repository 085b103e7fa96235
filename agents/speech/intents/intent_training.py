"""A set of intents as the speech process learns it."""

from __future__ import annotations

from agents.speech.intents.intents import IntentSet
from dialplans.contracts.speech_wire import Example, Learn


def lesson(intents: IntentSet) -> Learn:
    examples = [
        Example(name, language, text, word=kind == "words", needed=kind == "needs")
        for name, intent in intents.intents.items()
        for kind in ("examples", "words", "needs")
        for language, texts in getattr(intent, kind).items()
        for text in texts
    ]
    return Learn(
        digest=intents.digest,
        examples=examples,
        threshold=intents.threshold,
        margin=intents.margin,
    )
