"""From what the caller said to what the persona does: slots first, then intents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from agents.speech.client import SpeechClient
from agents.speech.intents import Intent, IntentSet
from agents.speech.slots import spoken_number
from dialplans.speechwire import Understood

log = structlog.get_logger(__name__)

STRONG = 1.0
STRONG_WORDS = 7
"""While a message is dictated only a short sentence that is nearly an example gets through."""


@dataclass(frozen=True)
class Act:
    """A tool with its arguments, or a sentence. `repeat` stands for the sentence said last."""

    tool: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    say: str = ""
    repeat: bool = False


class Mind(Protocol):
    """What the choice needs to know of a flow."""

    client: SpeechClient
    intents: IntentSet
    language: str


async def choose(
    mind: Mind, heard: Sequence[str], *, tools: set[str], last_tool: str | None
) -> Act | None:
    """What the sentences of one turn, oldest first, ask for; None if nothing fits."""
    possible = {n: i for n, i in mind.intents.intents.items() if i.possible(tools)}
    for intent in possible.values():
        if intent.slot == "digits" and intent.tool in tools and (n := spoken_number(heard[-1])):
            return _filled(intent, n)
    awaited = [
        i
        for i in possible.values()
        if i.slot == "text" and last_tool in i.after and i.tool in tools
    ]
    examined = [name for name, intent in possible.items() if not intent.slot]
    if awaited:
        examined = [name for name in examined if possible[name].strong]
    found = await _best(mind, heard, examined)
    if awaited and not _very_sure(found, heard):
        return _filled(awaited[0], " ".join(heard))
    if found is None or found.intent is None:
        log.info(
            "speech.not_understood",
            pii_heard=heard,
            best=found.best if found else "",
            score=found.score if found else 0.0,
        )
        return None
    return _acted(possible[found.intent], tools, mind.language)


async def _best(mind: Mind, heard: Sequence[str], among: Sequence[str]) -> Understood | None:
    """The last sentence alone, or together with what came before it if that is clearer."""
    if not among:
        return None
    texts = dict.fromkeys([heard[-1], " ".join(heard)])
    answers = [
        await mind.client.understand(text, mind.intents, mind.language, among=among)
        for text in texts
    ]
    return max(answers, key=lambda answer: (answer.intent is not None, answer.score))


def _very_sure(found: Understood | None, heard: Sequence[str]) -> bool:
    short = len(" ".join(heard).split()) <= STRONG_WORDS
    return found is not None and found.intent is not None and short and found.score >= STRONG


def _filled(intent: Intent, value: str) -> Act:
    assert intent.tool is not None
    assert intent.argument is not None
    return Act(tool=intent.tool, arguments={**intent.arguments, intent.argument: value})


def _acted(intent: Intent, tools: set[str], language: str) -> Act:
    if intent.repeat:
        return Act(repeat=True, say=_sentence(intent, language))
    if intent.tool in tools:
        return Act(tool=intent.tool, arguments=dict(intent.arguments))
    return Act(say=_sentence(intent, language))


def _sentence(intent: Intent, language: str) -> str:
    said: dict[str, str] = dict(intent.say.items())
    return said.get(language) or said.get("en", "")
