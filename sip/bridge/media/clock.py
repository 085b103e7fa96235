"""One 20 ms clock for every call of the process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from dialplans.process.background import end

log = structlog.get_logger()

TICK_SECONDS = 0.02
GIVE_UP_SECONDS = 0.5
"""Behind by more than this, ticks are dropped; by less, they are caught up."""

Tick = Callable[[], None]


class Clock:
    """Calls every subscriber each 20 ms without drift; one that fails does not stop the others."""

    def __init__(self) -> None:
        self._ticks: dict[object, Tick] = {}
        self._task: asyncio.Task[None] | None = None
        self.worst_late = 0.0

    def __len__(self) -> int:
        return len(self._ticks)

    def add(self, key: object, tick: Tick) -> None:
        self._ticks[key] = tick
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def remove(self, key: object) -> None:
        """With nobody left the clock stands still until the next one comes."""
        self._ticks.pop(key, None)
        if not self._ticks and self._task is not None:
            self._task.cancel()
            self._task = None

    async def aclose(self) -> None:
        self._ticks.clear()
        await end(self._task)

    async def _run(self) -> None:
        due = time.monotonic()
        while True:
            due += TICK_SECONDS
            wait = due - time.monotonic()
            # Behind time too: what the phones have sent meanwhile is read, a packet of each call in
            # each turn of the loop, before the next tick takes it for lost.
            await asyncio.sleep(max(0.0, wait))
            late = time.monotonic() - due
            self.worst_late = max(self.worst_late, late)
            if late > GIVE_UP_SECONDS:
                due = time.monotonic()
            for key, tick in tuple(self._ticks.items()):
                try:
                    tick()
                except Exception:
                    log.exception("clock.tick_failed", subscriber=str(key))
