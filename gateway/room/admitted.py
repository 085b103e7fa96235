"""Who was let into which room: what the webhook police compares newcomers with."""

from __future__ import annotations

import msgspec
from redis.asyncio import Redis

_KEPT_S = 12 * 3600


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """Behind an identity: whom it was made for and for what."""

    who: str
    purpose: str
    call: str
    called: str | None = None


def _key(room: str) -> str:
    return f"switchboard:admitted:{room}"


class GuestList:
    """Kept in Redis, so that the gateway that gets the webhook need not be the one that minted."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def add(self, room: str, identity: str, guest: Admitted) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hset(_key(room), identity, msgspec.json.encode(guest))
            pipe.expire(_key(room), _KEPT_S)
            await pipe.execute()

    async def find(self, room: str, identity: str) -> Admitted | None:
        raw = await self._redis.hget(_key(room), identity)
        return msgspec.json.decode(raw, type=Admitted) if raw else None

    async def strike(self, room: str, identity: str) -> None:
        """From now on whoever comes with this identity is shown out."""
        await self._redis.hdel(_key(room), identity)

    async def close(self, room: str) -> None:
        await self._redis.delete(_key(room))
