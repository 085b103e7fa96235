"""How busy this machine and this process are."""

from __future__ import annotations

import asyncio
import math

import psutil

EVERY = 1.0
SETTLE = 10.0
"""Seconds over which the averages settle."""

PROCESS_LIMIT = 0.85
"""Of one core: the leg is one thread of Python, and sound breaks before it is full."""


class CpuMeter:
    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._process = psutil.Process()
        self._task: asyncio.Task[None] | None = None
        self.machine = 0.0
        self.process = 0.0

    @property
    def too_busy(self) -> bool:
        return self._limit > 0 and (self.machine > self._limit or self.process > PROCESS_LIMIT)

    def start(self) -> None:
        psutil.cpu_percent(None)
        self._process.cpu_percent(None)
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        weight = 1 - math.exp(-EVERY / SETTLE)
        while True:
            await asyncio.sleep(EVERY)
            self.machine += weight * (psutil.cpu_percent(None) / 100 - self.machine)
            self.process += weight * (self._process.cpu_percent(None) / 100 - self.process)
