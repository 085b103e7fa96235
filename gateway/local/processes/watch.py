"""Keeps one service running: start, ready, and again when it dies."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

from dialplans.process.background import end
from gateway.local.layout import Layout
from gateway.local.log_file import LogFile
from gateway.local.processes.child import Child
from gateway.local.processes.services import Service

State = Literal["waiting", "starting", "ready", "restarting", "failed", "stopped"]

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
CALM_S = 30.0
"""A process that ran this long before it died starts again at the shortest pause."""
POLL_S = 0.05


def next_pause(pause_s: float, ran_s: float) -> float:
    return FIRST_PAUSE_S if ran_s >= CALM_S else min(pause_s * 2, LONGEST_PAUSE_S)


class Watch:
    def __init__(self, service: Service, layout: Layout, log: LogFile) -> None:
        self.service = service
        self.state: State = "waiting"
        self.restarts = 0
        self.note = ""
        self.since = time.monotonic()
        self.started = asyncio.Event()
        """Set when it is ready for the first time, or when there is no more hope of that."""
        self._layout = layout
        self._log = log
        self._child: Child | None = None
        self._loop: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child and self._child.alive else None

    def start(self) -> None:
        if self._loop is None or self._loop.done():
            self.started.clear()
            self._loop = asyncio.create_task(self._keep(), name=f"watch {self.service.name}")

    async def stop(self) -> None:
        """Ends the process and does not start it again."""
        loop, self._loop = self._loop, None
        if loop is not None:
            await end(loop)
        if self._child is not None:
            await self._child.stop(self.service.grace_s)
            await self._child.wait()
            self._child = None
        self._become("stopped")

    async def healthy(self) -> bool:
        """Asks now, instead of telling how it was."""
        return self.state == "ready" and await self.service.ready()

    def _become(self, state: State, note: str = "") -> None:
        self.state, self.note, self.since = state, note, time.monotonic()
        self._log.write("up", f"{self.service.name} {state}{': ' + note if note else ''}")

    async def _keep(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            born = time.monotonic()
            self._become("starting")
            await self._prepare()
            try:
                self._child = await Child.start(self.service, self._layout, self._log)
            except OSError as error:
                self._become("failed", f"cannot start {self.service.command[0]}: {error.strerror}")
                self.started.set()
                return
            waiting = asyncio.create_task(self._wait_until_ready(born))
            try:
                status = await self._child.wait()
            finally:
                await end(waiting)
            self.restarts += 1
            self._become("restarting", f"{self._last_words(status)}; again in {pause:.1f} s")
            if self.restarts >= 3:
                self.started.set()
            await asyncio.sleep(pause)
            pause = next_pause(pause, time.monotonic() - born)

    async def _prepare(self) -> None:
        if self.service.before is None:
            return
        try:
            await self.service.before()
        except Exception as error:
            self._log.write("up", f"{self.service.name} starts unprepared: {error}")

    async def _wait_until_ready(self, born: float) -> None:
        while not await self.service.ready():
            if time.monotonic() - born > self.service.start_s and not self.started.is_set():
                self.note = f"not ready after {self.service.start_s:.0f} s"
                self.started.set()
            await asyncio.sleep(POLL_S)
        self._become("ready", f"after {time.monotonic() - born:.1f} s")
        self.started.set()

    def _last_words(self, status: int) -> str:
        if status == 0:
            return ""
        how = f"killed by signal {-status}" if status < 0 else f"ended with status {status}"
        last = self._log.last.get(self.service.name)
        return f"{how} ({last[-1]})" if last else how
