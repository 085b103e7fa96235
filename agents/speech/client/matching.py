"""From what the caller said to what the persona does: slots first, then intents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from agents.speech.client.client import SpeechClient
from agents.speech.intents.intents import Intent, IntentSet
from agents.speech.intents.polarity import beside, reply_to
from agents.speech.intents.questions import asks_for_more
from agents.speech.intents.slots import spoken_number
from dialplans.contracts.speech_wire import Understood

log = structlog.get_logger(__name__)

ANSWERS = ("answer", "working", "unsure")
"""Tools for what can be said to a question: those of other intents may be as like, and are not
asked for."""
PREFERRED = 0.4
"""By so much another intent must be more like what is said to go before an answer."""
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


@dataclass(frozen=True)
class Before:
    """What happened before the caller spoke: the tool used last, and the question that waits for
    yes or no, if one does."""

    tool: str | None = None
    question: str = ""
    step: bool = False
    """The persona goes through its steps: another topic is none of the answers."""


async def choose(
    mind: Mind, heard: Sequence[str], *, tools: set[str], before: Before
) -> Act | None:
    """What the sentences of one turn, oldest first, ask for; None if nothing fits."""
    possible = {n: i for n, i in mind.intents.intents.items() if i.possible(tools)}
    for intent in possible.values():
        if intent.slot == "digits" and intent.tool in tools and (n := spoken_number(heard[-1])):
            return _filled(intent, n)
    awaited = [
        i
        for i in possible.values()
        if i.slot == "text" and before.tool in i.after and i.tool in tools
    ]
    if before.question and not awaited and (name := await _reply(mind, heard, possible, before)):
        return _acted(possible[name], tools, mind.language)
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


async def _reply(
    mind: Mind, heard: Sequence[str], possible: dict[str, Intent], before: Before
) -> str | None:
    """The intent of an answer to the question that waits, or of what goes before it: "yes, but can
    I speak to a person"."""
    said = " ".join(heard)
    answering = [name for name, intent in possible.items() if intent.tool in ANSWERS]
    others = [
        name
        for name, intent in possible.items()
        if (intent.urgent if before.step else intent.tool) and name not in answering
    ]
    if aside := beside(said):
        found = await _best(mind, [aside], [n for n in others if not possible[n].slot])
        if found is not None and found.intent is not None and found.score >= STRONG:
            return found.intent
    reply = reply_to(said, before.question)
    if reply == "no" and asks_for_more(before.question) and "goodbye" in possible:
        return "goodbye"
    named = {"later": "wait"}.get(reply or "", reply)
    if named in possible:
        return named
    if not before.step:
        return None
    found = await _best(mind, heard, answering)
    other = await _best(mind, heard, [n for n, i in possible.items() if not i.slot])
    if found is None or other is None or other.score - found.score > PREFERRED:
        return None
    return found.intent


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
