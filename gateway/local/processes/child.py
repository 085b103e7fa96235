"""One process from its start to its end, together with everything it started itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path

import psutil

from gateway.local.layout import Layout
from gateway.local.log_file import LONGEST_LINE, LogFile
from gateway.local.processes.services import Service


class Child:
    """A running process in a session of its own.

    Ctrl-C in a terminal reaches the supervisor only, and what the process leaves behind can be
    ended as a group: a worker that was killed must not leave half a job talking to a caller.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, record: Path, copying: asyncio.Task[None]
    ):
        self._process = process
        self._record = record
        self._copying = copying

    @classmethod
    async def start(cls, service: Service, layout: Layout, log: LogFile) -> Child:
        # A pipe of our own: with asyncio's, `wait` would also wait for whoever inherited it, and
        # a killed process whose child lives on would never be noticed.
        reading, writing = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *service.command,
                cwd=layout.root,
                env={**os.environ, **service.env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
            )
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        record = layout.run / f"{service.name}.json"
        with contextlib.suppress(psutil.Error):
            born = psutil.Process(process.pid).create_time()
            record.write_text(json.dumps({"pid": process.pid, "born": born}), "utf-8")
        return cls(process, record, asyncio.create_task(_copy(service.name, reading, log)))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def wait(self) -> int:
        """Returns the exit status once the process and all it left behind are gone."""
        status = await self._process.wait()
        _signal_group(self.pid, signal.SIGKILL)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._copying, 2)
        self._record.unlink(missing_ok=True)
        return status

    async def stop(self, grace_s: float) -> None:
        """Asks (SIGTERM: finish your calls), insists (SIGINT), and then no longer asks."""
        for number, patience in ((signal.SIGTERM, grace_s), (signal.SIGINT, 3.0)):
            if not self.alive:
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._process.wait()), patience)
        _signal_group(self.pid, signal.SIGKILL)
        await self._process.wait()


def end_leftovers(layout: Layout) -> list[str]:
    """Ends what a supervisor that was killed left running, and says what that was.

    A process is ours only if both its id and the moment it was born agree with what was written
    down when it started; ids are used again.
    """
    ended = []
    for record in sorted(layout.run.glob("*.json")):
        with contextlib.suppress(psutil.Error, OSError, ValueError, KeyError):
            found = json.loads(record.read_text("utf-8"))
            process = psutil.Process(found["pid"])
            if abs(process.create_time() - found["born"]) < 0.01:
                family = [process, *process.children(recursive=True)]
                for member in family:
                    with contextlib.suppress(psutil.Error):
                        member.terminate()
                for member in psutil.wait_procs(family, timeout=5)[1]:
                    with contextlib.suppress(psutil.Error):
                        member.kill()
                ended.append(f"{record.stem} (pid {process.pid})")
        record.unlink(missing_ok=True)
    return ended


async def _copy(name: str, reading: int, log: LogFile) -> None:
    stream = asyncio.StreamReader(limit=LONGEST_LINE * 2)
    with os.fdopen(reading, "rb", 0) as pipe:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), pipe
        )
        try:
            await log.copy(name, stream)
        finally:
            transport.close()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
