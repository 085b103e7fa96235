"""Failed tries are counted. The trail has one row a name, an address and an hour, with how many."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from redis.asyncio import Redis

from gateway.client_address import visitor
from gateway.storage.audit import Audit

WINDOW_S = 3600
MOST_ROWS = 100
"""In one window; whoever comes after that is counted together, as `(others)`."""

OTHERS = "(others)"


class Failures:
    def __init__(self, redis: Redis, audit: Audit, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._audit = audit
        self._clock = clock

    async def note(self, who: str, ip: str) -> None:
        key = f"switchboard:failures:{int(self._clock()) // WINDOW_S}"
        field = _field(who, ip)
        count = await self._count(key, field)
        if count == 1 and int(await self._redis.hlen(key)) > MOST_ROWS:
            await self._redis.hdel(key, field)
            who, ip, field = OTHERS, "", _field(OTHERS, "")
            count = await self._count(key, field)
        if count > 1:
            await self._grew(key, field, count)
            return
        row = await self._audit.write(who, "sign_in_failed", ip=ip, detail={"tries": 1})
        await self._redis.hset(f"{key}:rows", field, str(row))
        await self._redis.expire(f"{key}:rows", 2 * WINDOW_S)
        since = int(await self._redis.hget(key, field) or 1)
        if since > 1:
            await self._audit.repeated(row, {"tries": since})

    async def _count(self, key: str, field: str) -> int:
        count = int(await self._redis.hincrby(key, field, 1))
        await self._redis.expire(key, 2 * WINDOW_S)
        return count

    async def _grew(self, key: str, field: str, count: int) -> None:
        row = await self._redis.hget(f"{key}:rows", field)
        if row is not None:  # else whoever began it is just writing it
            await self._audit.repeated(int(row), {"tries": count})


def _field(who: str, ip: str) -> str:
    return hashlib.sha256(f"{who}\0{visitor(ip)}".encode()).hexdigest()[:24]
