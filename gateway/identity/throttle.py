"""Counting tries in Redis, so that two gateways count together."""

from __future__ import annotations

import hashlib

from redis.asyncio import Redis

from gateway.errors import Problem


class TooMany(Problem):
    """`first`: nothing of this subject was refused before in this minute."""

    def __init__(self, wait: int, *, first: bool) -> None:
        super().__init__(
            "too_many",
            f"Try again in {wait} seconds.",
            headers={"Retry-After": str(wait)},
            retry_after=wait,
        )
        self.first = first


class Throttle:
    """At most `limit` tries a minute for one subject (a name, an address)."""

    def __init__(self, redis: Redis, kind: str, limit: int) -> None:
        self._redis = redis
        self._kind = kind
        self._limit = limit

    def _key(self, subject: str) -> str:
        digest = hashlib.sha256(subject.encode()).hexdigest()[:24]
        return f"switchboard:throttle:{self._kind}:{digest}"

    async def spend(self, subject: str) -> None:
        """Counts one try; refuses with the seconds to wait when there were too many."""
        key = self._key(subject)
        count = int(await self._redis.incr(key))
        if count == 1:
            await self._redis.expire(key, 60)
        if count > self._limit:
            wait = max(int(await self._redis.ttl(key)), 1)
            raise TooMany(wait, first=count == self._limit + 1)

    async def forgive(self, subject: str) -> None:
        """After a success the earlier mistakes do not count."""
        await self._redis.delete(self._key(subject))
