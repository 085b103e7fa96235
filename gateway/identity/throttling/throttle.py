"""So many a minute and no more, counted in Redis, so that two gateways count together."""

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
    """At most `limit` a minute for one subject, an address say."""

    def __init__(self, redis: Redis, kind: str, limit: int) -> None:
        self._redis = redis
        self._kind = kind
        self._limit = limit

    def _key(self, subject: str) -> str:
        digest = hashlib.sha256(subject.encode()).hexdigest()[:24]
        return f"switchboard:throttle:{self._kind}:{digest}"

    async def spend(self, subject: str) -> None:
        """Counts one; refuses with the seconds to wait when there were too many."""
        key = self._key(subject)
        async with self._redis.pipeline() as pipe:  # at once: a count must not outlive its minute
            pipe.set(key, 0, ex=60, nx=True)
            pipe.incr(key)
            count = int((await pipe.execute())[1])
        if count > self._limit:
            wait = max(int(await self._redis.ttl(key)), 1)
            raise TooMany(wait, first=count == self._limit + 1)
