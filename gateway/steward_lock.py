"""One steward at a time, whatever the number of gateways: a lock in Redis that expires."""

from __future__ import annotations

import secrets
import time

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

KEY = "switchboard:steward"
EXPIRES_MS = 3_000
REFRESH_S = 1.0

_HOLD = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_DROP = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""


class Leadership:
    """`held` is only ever true while nobody else can hold it, but for one case: with Redis away,
    who led goes on leading, since nobody else can take over either."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._me = secrets.token_hex(8)
        self._until = 0.0
        self._redis_away = False

    @property
    def held(self) -> bool:
        return self._until > time.monotonic() or (self._redis_away and self._until > 0)

    async def refresh(self) -> bool:
        """Takes or renews it; call it at least every `REFRESH_S`."""
        asked = time.monotonic()
        try:
            hold = self._redis.register_script(_HOLD)
            got = bool(await hold(keys=[KEY], args=[self._me, EXPIRES_MS]))
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
        self._until = asked + EXPIRES_MS / 1000 if got else 0.0
        return got

    async def release(self) -> None:
        """Another gateway may take over at once."""
        self._until = 0.0
        try:
            drop = self._redis.register_script(_DROP)
            await drop(keys=[KEY], args=[self._me])
        except (RedisError, OSError) as error:
            log.warning("steward.lock_not_released", error=repr(error))
