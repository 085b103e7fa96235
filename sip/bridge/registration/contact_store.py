"""Which Contact an account is registered with, so that another leg that takes it over can take back
what a leg that was killed has left at the registrar."""

from __future__ import annotations

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

KEY = "switchboard:accounts"


class ContactStore:
    """With Redis away nothing is known and nothing kept: a registration lapses by itself."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def before(self, account: str) -> str:
        """The Contact that was registered last, in brackets; empty where none is known."""
        try:
            found = await self._redis.hget(KEY, account)
        except (RedisError, OSError) as error:
            log.warning("registration.contact_not_read", error=str(error))
            return ""
        return found.decode() if isinstance(found, bytes) else found or ""

    async def put(self, account: str, contact: str) -> None:
        try:
            await self._redis.hset(KEY, account, contact)
        except (RedisError, OSError) as error:
            log.warning("registration.contact_not_written", error=str(error))

    async def remove(self, account: str, contact: str) -> None:
        """It was taken back; what another leg has written since stays."""
        if await self.before(account) != contact:
            return
        try:
            await self._redis.hdel(KEY, account)
        except (RedisError, OSError) as error:
            log.warning("registration.contact_not_written", error=str(error))
