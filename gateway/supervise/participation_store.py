"""Where everybody stands in every call: the truth that consoles and audit follow."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError

from gateway.errors import Problem
from gateway.storage.redis_text import text
from gateway.supervise.modes import Mode

_CALLS = "switchboard:stands"
_KEPT_S = 12 * 3600
_CHANGES_HANDS_S = 60.0
"""Longer than the job of a call is ever waited for, even where it has a ghost beside it."""


class Participation(msgspec.Struct, frozen=True, kw_only=True):
    """`identities` maps the purpose of a connection to the identity that was minted for it."""

    who: str
    mode: Mode = "idle"
    since: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    identities: dict[str, str] = {}
    audit: int = 0


class ParticipationStore:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def turn(self, call: str, who: str) -> Lock:
        """Two clicks of one person on one call happen one after the other, at any gateway."""
        return self._redis.lock(
            f"switchboard:stand-turn:{call}:{who}", timeout=15, blocking_timeout=15
        )

    @contextlib.asynccontextmanager
    async def voice(self, call: str) -> AsyncIterator[None]:
        """Held while a call changes hands, at whichever gateway: of two who reach for it at once
        the second is refused, and does not wait to speak into the first one's conversation."""
        lock = self._redis.lock(f"switchboard:voice:{call}", timeout=_CHANGES_HANDS_S)
        if not await lock.acquire(blocking_timeout=0.2):
            raise Problem("conflict", "Somebody is taking this call at this moment.")
        try:
            yield
        finally:
            with contextlib.suppress(LockError):
                await lock.release()

    async def get(self, call: str, who: str) -> Participation:
        raw = await self._redis.hget(_key(call), who)
        return msgspec.json.decode(raw, type=Participation) if raw else Participation(who=who)

    async def put(self, call: str, participation: Participation) -> None:
        if participation.mode == "idle":
            await self._redis.hdel(_key(call), participation.who)
            return
        async with self._redis.pipeline() as pipe:
            pipe.hset(_key(call), participation.who, msgspec.json.encode(participation))
            pipe.expire(_key(call), _KEPT_S)
            pipe.sadd(_CALLS, call)
            await pipe.execute()

    async def of_call(self, call: str) -> list[Participation]:
        found = await self._redis.hgetall(_key(call))
        return [msgspec.json.decode(raw, type=Participation) for raw in found.values()]

    async def taken_over_by(self, call: str) -> str | None:
        return next((s.who for s in await self.of_call(call) if s.mode == "takeover"), None)

    async def calls(self) -> list[str]:
        return [text(raw) for raw in await self._redis.smembers(_CALLS)]

    async def empty(self, call: str) -> None:
        await self._redis.srem(_CALLS, call)


def _key(call: str) -> str:
    return f"switchboard:stand:{call}"
