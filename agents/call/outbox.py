"""A job's events on their way to the Redis Stream: nothing waits for Redis, nothing is lost for a
Redis that restarts."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Protocol

import structlog

from agents.background import end
from dialplans.contracts.events import Event

log = structlog.get_logger(__name__)

KEPT = 5_000
"""Events held while Redis is away; more than a long call makes. Beyond it the oldest go first."""

RETRY_FIRST_S = 0.1
RETRY_MOST_S = 2.0


class Sink(Protocol):
    """Where events end up: `dialplans.contracts.events.Journal`, or a list in a test."""

    async def append(self, event: Event) -> None: ...


class Outbox:
    """`add` returns at once. `close` waits for what is left, but not for ever."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._waiting: deque[Event] = deque(maxlen=KEPT)
        self._more = asyncio.Event()
        self._empty = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def add(self, event: Event) -> None:
        self._waiting.append(event)
        self._empty.clear()
        self._more.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send(), name="report")

    async def _send(self) -> None:
        delay = RETRY_FIRST_S
        while True:
            while self._waiting:
                event = self._waiting[0]
                try:
                    await self._sink.append(event)
                except Exception as error:  # the next attempt may work, whatever it was
                    log.warning("report.delayed", waiting=len(self._waiting), error=repr(error))
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, RETRY_MOST_S)
                    continue
                delay = RETRY_FIRST_S
                # A full buffer may have dropped this very event while it was being sent.
                if self._waiting and self._waiting[0] is event:
                    self._waiting.popleft()
            self._empty.set()
            self._more.clear()
            await self._more.wait()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def close(self, within: float = 5.0) -> None:
        """Sends the rest. Whatever Redis would not take `within` seconds is logged as lost."""
        if self._waiting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), within)
        if self._waiting:
            log.error("report.lost", events=len(self._waiting))
        if self._task is not None:
            await end(self._task)
