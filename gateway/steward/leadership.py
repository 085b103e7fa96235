"""One steward at a time, whatever the number of gateways: a lock in Redis that expires."""

from __future__ import annotations

import time

import structlog
from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

log = structlog.get_logger(__name__)

KEY = "switchboard:steward"
EXPIRES_S = 3.0
REFRESH_S = 1.0


class Leadership:
    """`held` is only ever true while nobody else can hold it, but for one case: with Redis away,
    who led goes on leading, since nobody else can take over either."""

    def __init__(self, redis: Redis) -> None:
        self._lock = redis.lock(KEY, timeout=EXPIRES_S)
        self._until = 0.0
        self._redis_away = False

    @property
    def held(self) -> bool:
        return self._until > time.monotonic() or (self._redis_away and self._until > 0)

    async def refresh(self) -> bool:
        """Takes or renews it; call it at least every `REFRESH_S`."""
        asked = time.monotonic()
        try:
            got = await self._renewed() or await self._lock.acquire(blocking=False)
        except (RedisError, OSError) as error:
            if not self._redis_away:
                log.warning("steward.redis_away", error=repr(error))
            self._redis_away = True
            return self.held
        if got and not self._until:
            log.info("steward.leads")
        if not got and self._until:
            log.info("steward.follows")
        self._redis_away = False
        self._until = asked + EXPIRES_S if got else 0.0
        return got

    async def _renewed(self) -> bool:
        try:
            return await self._lock.reacquire()
        except LockError:  # never taken here, or expired since
            return False

    async def release(self) -> None:
        """Another gateway may take over at once."""
        self._until = 0.0
        try:
            await self._lock.release()
        except LockError:
            pass  # somebody else has it, or nobody
        except (RedisError, OSError) as error:
            log.warning("steward.lock_not_released", error=repr(error))
