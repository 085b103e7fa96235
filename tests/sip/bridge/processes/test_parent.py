"""Whoever dies is started again, and nobody is left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.sip.bridge.person import until


class Running:
    def __init__(self, process: subprocess.Popen[str], output: Path) -> None:
        self.process = process
        self._output = output

    def pids(self, name: str) -> list[int]:
        """Of each start of this child so far."""
        rows = [line.split() for line in self._output.read_text().splitlines()]
        return [int(row[1]) for row in rows if len(row) == 2 and row[0] == name]

    async def starts(self, name: str, times: int = 1) -> int:
        await until(lambda: len(self.pids(name)) >= times)
        return self.pids(name)[times - 1]


@contextlib.contextmanager
def parent(what: str, folder: Path) -> Iterator[Running]:
    output = folder / "output"
    with output.open("w") as written:
        arguments = (what, str(folder / "before"))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.sip.bridge.processes.some_parent", *arguments],
            stdout=written,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    running = Running(process, output)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for name in ("first", "second"):
            for pid in running.pids(name):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("name", ["first", "second"])
async def test_who_is_killed_is_started_again(name: str, tmp_path: Path) -> None:
    """And the other one is left alone."""
    with parent("waits", tmp_path) as running:
        killed = await running.starts(name)
        await running.starts("first")
        await running.starts("second")
        os.kill(killed, signal.SIGKILL)
        again = await running.starts(name, 2)
        other = {"first": "second", "second": "first"}[name]

        assert again != killed
        assert len(running.pids(other)) == 1
        assert running.process.poll() is None


async def test_an_exception_is_a_death_like_any_other(tmp_path: Path) -> None:
    with parent("once", tmp_path) as running:
        await running.starts("first", 2)

        assert running.process.poll() is None


async def test_who_fails_at_once_is_started_again_later_and_later(tmp_path: Path) -> None:
    """Without a pause there would be hundreds of starts by the third that is seen."""
    with parent("fails", tmp_path) as running:
        await running.starts("first", 3)
        more = len(running.pids("first"))

        assert more < 6


async def test_who_cannot_do_its_work_here_ends_it_all(tmp_path: Path) -> None:
    with parent("cannot", tmp_path) as running:
        await until(lambda: running.process.poll() is not None)

        assert running.process.returncode == 1
        assert len(running.pids("first")) == 1
        assert not any(map(psutil.pid_exists, running.pids("second")))


async def test_asked_to_end_the_first_decides_when(tmp_path: Path) -> None:
    """Its status is the parent's; the others are ended after it."""
    with parent("waits", tmp_path) as running:
        await running.starts("first")
        await running.starts("second")
        running.process.terminate()
        await until(lambda: running.process.poll() is not None)

        assert running.process.returncode == 3
        assert not any(map(psutil.pid_exists, running.pids("second")))
