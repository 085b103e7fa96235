"""The leg's events on their way into the stream; Redis may be away for a while."""

from __future__ import annotations

import asyncio
from collections import deque

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.contracts.events import Event, Journal

log = structlog.get_logger()

SOURCE = "bridge"
MOST = 10_000
RETRY_SECONDS = 0.5


class EventBuffer:
    """`note` never waits and never fails; events reach the stream in the order they were noted."""

    def __init__(self, redis: Redis) -> None:
        self._journal = Journal(redis)
        self._waiting: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._task: asyncio.Task[None] | None = None
        self.lost = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def note(self, event: Event) -> None:
        if len(self._waiting) >= MOST:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(event)
        self._empty.clear()
        self._wake.set()

    async def aclose(self, patience: float = 2.0) -> None:
        """Give what is still here a last chance."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(patience):
                await self._empty.wait()
        except TimeoutError:
            log.warning("events.not_delivered", count=len(self._waiting))
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                try:
                    await self._journal.append(self._waiting[0])
                except (RedisError, OSError) as error:
                    log.warning("events.redis_away", waiting=len(self._waiting), error=str(error))
                    await asyncio.sleep(RETRY_SECONDS)
                else:
                    self._waiting.popleft()
            self._empty.set()
