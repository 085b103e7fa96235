"""How busy this machine and this process are."""

from __future__ import annotations

import asyncio
import math

import psutil

from dialplans.process.background import end

EVERY = 1.0
SETTLE = 10.0
"""Seconds over which the averages settle: a burst, as of one sentence being recognised, is no
reason to refuse anybody. At 0.95 it takes half a minute of a full machine."""

START = 30.0
"""The leg starts beside speech models that are being loaded. What they take in that time says
nothing about the calls to come, so it is left out."""

PROCESS_LIMIT = 0.85
"""Of one core: the leg is one thread of Python, and sound breaks before it is full."""


class CpuMeter:
    """`limit` is the share of the machine above which no more calls come in; 0 is no limit."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._process = psutil.Process()
        self._task: asyncio.Task[None] | None = None
        self._measured = 0.0
        self.machine = 0.0
        self.process = 0.0

    @property
    def limited(self) -> bool:
        return self._limit > 0

    @property
    def too_busy(self) -> bool:
        return self._limit > 0 and (self.machine > self._limit or self.process > PROCESS_LIMIT)

    def start(self) -> None:
        psutil.cpu_percent(None)
        self._process.cpu_percent(None)
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        await end(self._task)

    def note(self, *, machine: float, process: float) -> None:
        """What the last second was like: shares of the machine and of one core, 1 is full."""
        self._measured += EVERY
        if self._measured <= START:
            return
        weight = 1 - math.exp(-EVERY / SETTLE)
        self.machine += weight * (machine - self.machine)
        self.process += weight * (process - self.process)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            machine = psutil.cpu_percent(None) / 100
            self.note(machine=machine, process=self._process.cpu_percent(None) / 100)
