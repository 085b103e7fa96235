"""One of several processes does what only one may do: a lock in Redis that expires."""

from __future__ import annotations

import time

import structlog
from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

log = structlog.get_logger(__name__)

EXPIRES_S = 3.0
REFRESH_S = 1.0


class Leadership:
    """`held` is only ever true while nobody else can hold it, but for one case: with Redis away,
    who led goes on leading, since nobody else can take over either.

    `what` is said in the log, `name` is the lock's in Redis. `me` is for who keeps its identity
    when it is started again: it goes on leading then, instead of waiting for its own lock to
    lapse; no two may be the same at once.
    """

    def __init__(self, redis: Redis, name: str, *, what: str, me: str = "") -> None:
        self._lock = redis.lock(name, timeout=EXPIRES_S, thread_local=False)
        self._me = me
        self._what = what
        self._until = 0.0
        self._redis_away = False

    @property
    def held(self) -> bool:
        return self._until > time.monotonic() or (self._redis_away and self._until > 0)

    async def refresh(self) -> bool:
        """Takes or renews it; call it at least every `REFRESH_S`."""
        asked = time.monotonic()
        try:
            got = await self._renewed() or await self._taken()
        except (RedisError, OSError) as error:
            if not self._redis_away:
                log.warning(f"{self._what}.redis_away", error=repr(error))
            self._redis_away = True
            return self.held
        if got and not self._until:
            log.info(f"{self._what}.leads")
        if not got and self._until:
            log.info(f"{self._what}.follows")
        self._redis_away = False
        self._until = asked + EXPIRES_S if got else 0.0
        return got

    async def _taken(self) -> bool:
        return bool(await self._lock.acquire(blocking=False, token=self._me or None))

    async def _renewed(self) -> bool:
        if self._me and self._lock.local.token is None:
            self._lock.local.token = self._me.encode()  # an earlier process of ours may have it
        try:
            return await self._lock.reacquire()
        except LockError:  # never taken here, or expired since
            return False

    async def release(self) -> None:
        """Another may take over at once."""
        self._until = 0.0
        try:
            await self._lock.release()
        except LockError:
            pass  # somebody else has it, or nobody
        except (RedisError, OSError) as error:
            log.warning(f"{self._what}.lock_not_released", error=repr(error))
