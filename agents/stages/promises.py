"""“I will put you through” is said only where the plan's way leads to people."""

from __future__ import annotations

from collections.abc import Iterable

from agents.call.state import CallState
from agents.company.phrases import LANGUAGES, phrases
from dialplans.model import PlaceKind

CONNECTING = ("person.connecting", "person.through")
PEOPLE = frozenset({PlaceKind.QUEUE, PlaceKind.TARGET})
"""Places where a person can answer."""
INSTEAD = frozenset({PlaceKind.VOICEMAIL, PlaceKind.QUEUE, PlaceKind.PERSONA})
"""Places that do not explain themselves to somebody who wanted a person."""


def is_promise(text: str) -> bool:
    """In any language: whoever promises may speak another than where the call has gone."""
    return any(text == phrases(tongue).say(key) for tongue in LANGUAGES for key in CONNECTING)


def without_promises(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if not is_promise(text)]


def instead(call: CallState) -> list[str]:
    """What a caller who reached nobody can do now: where the plan has put the call."""
    kind = call.engine.place.kind
    return [call.phrases.say(f"person.instead_{kind}")] if kind in INSTEAD else []


def kept(call: CallState, opening: Iterable[str]) -> list[str]:
    """The first words at the call's new place. A promise that cannot be kept there gives way to
    what is so."""
    texts = list(opening)
    if call.engine.place.kind in PEOPLE or not any(map(is_promise, texts)):
        return texts
    return [*without_promises(texts), call.phrases.say("person.nobody"), *instead(call)]
