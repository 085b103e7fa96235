"""Is there anybody to talk to? The gateway keeps who is signed in; a job only looks."""

from __future__ import annotations

from typing import Protocol

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.jobs import PRESENCE, Presence
from dialplans.model import Queue

log = structlog.get_logger(__name__)


class People(Protocol):
    async def on(self, queue: Queue, language: str) -> bool:
        """True if somebody is signed in who could answer this queue now or soon."""


class RedisPeople:
    """Reads the hash `PRESENCE`, one field a person. Redis away means nobody: the caller then
    gets the plan's `nobody_on` instead of waiting for ever."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def on(self, queue: Queue, language: str) -> bool:
        try:
            raw = await self._redis.hgetall(PRESENCE)
        except (RedisError, OSError) as error:
            log.warning("people.unknown", error=repr(error))
            return False
        return any(suits(person, queue, language) for person in _read(raw.values()))


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
    what the queue asks for. Somebody who lists no languages speaks all of them."""
    if person.state not in ("ready", "busy", "wrap_up"):
        return False
    if not set(queue.needs.skills) <= set(person.skills):
        return False
    wanted = language if queue.needs.language == "caller" else queue.needs.language
    base = {tongue.split("-")[0] for tongue in person.languages}
    return wanted == "any" or not base or wanted.split("-")[0] in base
