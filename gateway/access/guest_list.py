"""Who was let into which room: what webhooks compare newcomers with."""

from __future__ import annotations

import time

import msgspec
from redis.asyncio import Redis

from gateway.storage.redis_text import text

_KEPT_S = 12 * 3600

_TENURES = "switchboard:tenures"


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """Behind an identity: whom it was made for and for what. What a person was let in with: their
    session or key, and the permission it has to give them for as long as they stay."""

    who: str
    purpose: str
    call: str
    called: str | None = None
    credential: str = ""
    needs: str = ""


class Tenure(msgspec.Struct, frozen=True, kw_only=True):
    """One identity in one room. `until`: then it has to be gone, whatever its right."""

    room: str
    identity: str
    guest: Guest
    since: float
    until: float | None = None


def _key(room: str) -> str:
    return f"switchboard:admitted:{room}"


def _field(room: str, identity: str) -> str:
    return f"{room} {identity}"


class GuestList:
    """Kept in Redis, so that the gateway that gets the webhook need not be the one that minted.
    People's places are kept a second time, in one hash, to be looked through again and again: a
    place stays there until its participant is out."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def add(self, room: str, identity: str, guest: Guest) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hset(_key(room), identity, msgspec.json.encode(guest))
            pipe.expire(_key(room), _KEPT_S)
            if guest.credential:
                tenure = Tenure(room=room, identity=identity, guest=guest, since=time.time())
                pipe.hset(_TENURES, _field(room, identity), msgspec.json.encode(tenure))
            await pipe.execute()

    async def find(self, room: str, identity: str) -> Guest | None:
        raw = await self._redis.hget(_key(room), identity)
        return msgspec.json.decode(raw, type=Guest) if raw else None

    async def strike(self, room: str, identity: str) -> None:
        """From now on whoever comes with this identity is shown out; who is in has to go."""
        await self._redis.hdel(_key(room), identity)
        await self.limit(room, identity, 0.0)

    async def limit(self, room: str, identity: str, until: float) -> None:
        raw = await self._redis.hget(_TENURES, _field(room, identity))
        if raw is not None:
            tenure = msgspec.json.decode(raw, type=Tenure)
            limited = msgspec.structs.replace(tenure, until=until)
            await self._redis.hset(_TENURES, _field(room, identity), msgspec.json.encode(limited))

    async def tenures(self) -> list[Tenure]:
        """Everybody who may be in a room by a session or a key."""
        found = await self._redis.hvals(_TENURES)
        return [msgspec.json.decode(raw, type=Tenure) for raw in found]

    async def out(self, room: str, identity: str) -> None:
        """The server says that nobody is there with this identity."""
        await self._redis.hdel(_TENURES, _field(room, identity))

    async def close(self, room: str) -> None:
        names = [text(name) for name in await self._redis.hkeys(_key(room))]
        if names:
            await self._redis.hdel(_TENURES, *(_field(room, name) for name in names))
        await self._redis.delete(_key(room))
