"""Is there anybody to talk to, and does it ring at somebody's desk? The gateway keeps who is signed
in and where it rings; a job only looks."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.contracts.jobs import PRESENCE, Presence, PresenceState
from dialplans.model import Queue
from dialplans.speech.language import base_language

log = structlog.get_logger(__name__)

_SIGNED_IN = frozenset(PresenceState)

Availability = Literal["ringing", "ready", "busy", "nobody"]
"""What a caller has to expect of a queue: it rings for them at somebody's desk; somebody is ready,
and it does not ring there (yet); all who are signed in have something else to do; nobody is."""


class AgentPresence(Protocol):
    async def availability(self, queue: Queue, language: str, call: str) -> Availability:
        """How it stands for this call at this moment."""


class RedisAgentPresence:
    """Reads the hash `PRESENCE`, one field a person. Redis away means nobody: the caller then
    gets the plan's `nobody_on` instead of waiting for ever."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def availability(self, queue: Queue, language: str, call: str) -> Availability:
        try:
            raw = await self._redis.hgetall(PRESENCE)
        except (RedisError, OSError) as error:
            log.warning("people.unknown", error=repr(error))
            return "nobody"
        return availability(_read(raw.values()), queue, language, call)


def availability(people: list[Presence], queue: Queue, language: str, call: str) -> Availability:
    """A desk that rings for another call is busy. Who else than the queue's people it rings for
    is the gateway's business: for the caller it rings."""
    if any(person.state == PresenceState.RINGING and person.call == call for person in people):
        return "ringing"
    on = {person.state for person in people if suits(person, queue, language)}
    if PresenceState.READY in on:
        return "ready"
    return "busy" if on else "nobody"


def _read(rows: object) -> list[Presence]:
    found = []
    for row in rows:  # type: ignore[attr-defined]
        try:
            found.append(msgspec.json.decode(row, type=Presence))
        except msgspec.MsgspecError as error:
            log.warning("people.unreadable", error=repr(error))
    return found


def suits(person: Presence, queue: Queue, language: str) -> bool:
    """Whether a person could take a call of this queue: signed in for calls, skilled, and speaking
    what the queue asks for. Somebody who lists no languages speaks all of them; those they list are
    compared as they are written, as the gateway does."""
    if person.state not in _SIGNED_IN:
        return False
    if not set(queue.needs.skills) <= set(person.skills):
        return False
    wanted = language if queue.needs.language == "caller" else queue.needs.language
    base = {tongue.split("-")[0] for tongue in person.languages}
    return wanted == "any" or not base or base_language(wanted) in base
