"""Garbage collection that suits a process of many short lives.

What is there after the start stays for good and need not be searched again and again. With it set
aside, a search for what calls have left behind takes a few milliseconds, so it can be done whenever
some have ended; Python by itself would wait for tens of thousands of new objects.
"""

from __future__ import annotations

import asyncio
import gc

from dialplans.process.background import end

EVERY_S = 5.0


class GarbageCollector:
    def __init__(self, *, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None
        self._calls_ended = 0

    def start(self) -> None:
        gc.collect()
        gc.freeze()
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        if self._task is not None:
            await end(self._task)
            gc.unfreeze()

    def call_ended(self) -> None:
        self._calls_ended += 1

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            if self._calls_ended:
                self._calls_ended = 0
                gc.collect()
