"""The current dialplan, kept in memory so that no call waits for Redis."""

from __future__ import annotations

import asyncio

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.model import Dialplan
from dialplans.store import PlanStore

log = structlog.get_logger()

LOOK_SECONDS = 1.0


class StoredPlans:
    """`plan` is the one that new calls are judged by, None as long as none was ever stored.

    With Redis away, or a revision that this release cannot read, the last good plan stays.
    """

    def __init__(self, redis: Redis) -> None:
        self._store = PlanStore(redis)
        self._task: asyncio.Task[None] | None = None
        self.plan: Dialplan | None = None

    async def start(self) -> None:
        await self._look()
        self._task = asyncio.create_task(self._follow())

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        try:
            loaded = await self._store.current()
        except (RedisError, OSError, ValueError) as error:
            log.debug("plan.not_read", error=str(error))
            return
        if loaded is not None and loaded.plan is not None and loaded.plan is not self.plan:
            self.plan = loaded.plan
            log.info("plan.in_force", revision=loaded.revision)
