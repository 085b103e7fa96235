"""Starts everything in order, keeps it running, and answers on a socket while it does."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import msgspec

from gateway.local.layout import Layout
from gateway.local.log_file import LogFile
from gateway.local.processes.child import end_leftovers
from gateway.local.processes.ports import taken_ports
from gateway.local.processes.services import Service
from gateway.local.processes.watch import Watch


class CannotStartError(RuntimeError):
    """`problems` has one line for each thing that is in the way."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class Supervisor:
    def __init__(self, layout: Layout, services: Sequence[Service], log: LogFile) -> None:
        self._layout = layout
        self._log = log
        self._watches = {s.name: Watch(s, layout, log) for s in services}
        self._stop = asyncio.Event()
        self._complete = False

    async def run(self) -> None:
        """Returns after a request to stop, when everything has ended.

        Raises CannotStartError before anything was started.
        """
        with self._only_one():
            for left in end_leftovers(self._layout):
                self._log.write("up", f"ended {left}, left by an earlier run")
            problems = taken_ports(w.service for w in self._watches.values())
            if problems:
                raise CannotStartError(problems)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.add_signal_handler(number, self._stop.set)
            self._layout.supervisor_socket.unlink(missing_ok=True)
            server = await asyncio.start_unix_server(
                self._answer, path=str(self._layout.supervisor_socket)
            )
            self._layout.supervisor_socket.chmod(0o600)
            starting = asyncio.create_task(self._start_in_order())
            await self._stop.wait()
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
            await self._stop_in_order()
            server.close()
            self._layout.supervisor_socket.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _only_one(self) -> Any:
        with (self._layout.home / "supervisor.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStartError([f"already running in {self._layout.home}"]) from None
            yield

    async def _start_in_order(self) -> None:
        ordered = sorted(self._watches.values(), key=lambda w: w.service.stage)
        for _, stage in groupby(ordered, key=lambda w: w.service.stage):
            together = list(stage)
            for watch in together:
                watch.start()
            for watch in together:
                await watch.started.wait()
        self._complete = True
        self._log.write("up", "everything was started")

    async def _stop_in_order(self) -> None:
        """The other way round, so that nobody is left talking to a server that is gone."""
        ordered = sorted(self._watches.values(), key=lambda w: -w.service.stage)
        for _, stage in groupby(ordered, key=lambda w: w.service.stage):
            await asyncio.gather(*(watch.stop() for watch in stage))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, msgspec.DecodeError, asyncio.IncompleteReadError):
            request = msgspec.json.decode(await reader.readline(), type=dict[str, str])
            writer.write(msgspec.json.encode(await self._do(request)) + b"\n")
            await writer.drain()
        writer.close()

    async def _do(self, request: dict[str, str]) -> dict[str, Any]:
        op, watch = request.get("op"), self._watches.get(request.get("name", ""))
        if op == "status":
            return await self._status()
        if op == "down":
            self._stop.set()
            return {"pid": os.getpid()}
        if watch is None:
            return {"error": f"there is no service {request.get('name')!r}"}
        if op in ("stop", "restart"):
            await watch.stop()
        if op in ("start", "restart"):
            watch.start()
            await watch.started.wait()
        return {"name": watch.service.name, "state": watch.state}

    async def _status(self) -> dict[str, Any]:
        watches = list(self._watches.values())
        healthy = await asyncio.gather(*(watch.healthy() for watch in watches))
        return {
            "pid": os.getpid(),
            "complete": self._complete,
            "services": [
                {
                    "name": watch.service.name,
                    "state": watch.state if watch.state != "ready" or fine else "not answering",
                    "address": watch.service.address,
                    "pid": watch.pid,
                    "restarts": watch.restarts,
                    "note": watch.note,
                }
                for watch, fine in zip(watches, healthy, strict=True)
            ],
        }
