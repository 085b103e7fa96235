"""Events on their way to the Redis Stream: nothing waits for Redis, nothing is lost for a Redis
that restarts."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Protocol

import structlog

from dialplans.contracts.events import Event
from dialplans.process.background import end

log = structlog.get_logger()

MOST = 10_000
"""Events held while Redis is away. Beyond it the oldest go first."""

FIRST_RETRY_S = 0.1
MOST_RETRY_S = 2.0


class Sink(Protocol):
    """Where events end up: `dialplans.contracts.events.Journal`, or a list in a test."""

    async def append(self, event: Event) -> None: ...


class Outbox:
    """`add` never waits and never fails; events reach the sink in the order they were added.

    `lost` counts those that had to make room. The wait between two attempts doubles.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        most: int = MOST,
        first_retry_s: float = FIRST_RETRY_S,
        most_retry_s: float = MOST_RETRY_S,
    ) -> None:
        self._sink = sink
        self._most = most
        self._first_retry_s = first_retry_s
        self._most_retry_s = most_retry_s
        self._waiting: deque[Event] = deque()
        self._more = asyncio.Event()
        self._empty = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.lost = 0

    @property
    def waiting(self) -> int:
        """Events not yet in the sink."""
        return len(self._waiting)

    def __len__(self) -> int:
        return self.waiting

    def add(self, event: Event) -> None:
        if len(self._waiting) >= self._most:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(event)
        self._empty.clear()
        self._more.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send(), name="outbox")

    async def aclose(self, within_s: float = 5.0) -> None:
        """Give what is still here a last chance. What the sink does not take by then is lost."""
        if self._waiting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), within_s)
        if self._waiting:
            log.error("outbox.lost", events=len(self._waiting))
        await end(self._task)

    async def _send(self) -> None:
        delay = self._first_retry_s
        while True:
            while self._waiting:
                event = self._waiting[0]
                try:
                    await self._sink.append(event)
                except Exception as error:  # the next attempt may work, whatever it was
                    log.warning("outbox.delayed", waiting=len(self._waiting), error=repr(error))
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, self._most_retry_s)
                    continue
                delay = self._first_retry_s
                # A full outbox may have dropped this very event while it was being sent.
                if self._waiting and self._waiting[0] is event:
                    self._waiting.popleft()
            self._empty.set()
            self._more.clear()
            await self._more.wait()
