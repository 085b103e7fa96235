"""One log for all processes: each line says when and who, and names no telephone number."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from dialplans.process.redact import hide_numbers

FILE = "switchboard.log"
KEEP_BYTES = 50_000_000
"""At this size, and every day, the file becomes one with its date behind its name."""
KEEP_FILES = 4
"""Of those with a date, however young they are."""
DAYS, DAYS_DEFAULT = "SWITCHBOARD_LOG_DAYS", 14
LONGEST_LINE = 64_000
WIDTH = 9


class LogFile:
    """Writes whole lines only, so that two processes never share one. Lines of processes that are
    not ours, such as livekit-server's, name callers too; nobody's number gets into the file."""

    def __init__(self, folder: Path, *, echo: bool = False, days: int = DAYS_DEFAULT) -> None:
        self.path = folder / FILE
        self._echo = echo
        self._days = days
        self._file: TextIO | None = None
        self._day = ""
        self.last: dict[str, deque[str]] = {}

    def write(self, name: str, text: str) -> None:
        text = hide_numbers(text)
        self.last.setdefault(name, deque(maxlen=5)).append(text)
        now = datetime.now(UTC)
        line = f"{now:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + f"Z {name:<{WIDTH}} | {text}\n"
        day = f"{now:%Y-%m-%d}"
        if self._file is None or day != self._day or self._file.tell() > KEEP_BYTES:
            self._file = self._turn_over(day, now)
        self._file.write(line)
        self._file.flush()
        if self._echo:
            sys.stdout.write(line)
            sys.stdout.flush()

    def _turn_over(self, day: str, now: datetime) -> TextIO:
        """A file of an earlier run is of the day on which it was written last."""
        self.close()
        if not self._day and self.path.exists():
            self._day = f"{datetime.fromtimestamp(self.path.stat().st_mtime, UTC):%Y-%m-%d}"
        full = self.path.exists() and self.path.stat().st_size > KEEP_BYTES
        if self._day and (self._day != day or full):
            self.path.replace(self.path.with_name(f"{FILE}.{now:%Y%m%dT%H%M%S}"))
        self._day = day
        prune(self.path.parent, now - timedelta(days=self._days))
        file = self.path.open("a", encoding="utf-8", errors="replace")
        self.path.chmod(0o600)
        return file

    async def copy(self, name: str, stream: asyncio.StreamReader) -> None:
        """Reads until the process closes its end; an endless line is cut, never an error."""
        while True:
            try:
                raw = await stream.readline()
            except ValueError:
                continue
            if not raw:
                return
            self.write(name, raw[:LONGEST_LINE].decode("utf-8", "replace").rstrip())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def prune(folder: Path, before: datetime) -> int:
    """Deletes every log that was written last before then, whoever left it, and all but the newest
    of those with a date. The one that is being written stays."""
    files = [file for file in folder.glob("*") if file.is_file() and file.name != FILE]
    dated = sorted((f for f in files if f.name.startswith(f"{FILE}.")), reverse=True)
    gone = 0
    for file in files:
        if file in dated[KEEP_FILES:] or file.stat().st_mtime < before.timestamp():
            file.unlink(missing_ok=True)
            gone += 1
    return gone


class Logs:
    """The folder of logs, for the gateway's retention: on a machine whose `switchboard up` has not
    run for long, nobody else looks."""

    name = "logs"

    def __init__(self, folder: Path, days: int) -> None:
        self._folder = folder
        self._days = days

    async def forget(self, before: datetime) -> int:
        """By the logs' own age, or the calls' if that is less."""
        oldest = max(before.timestamp(), time.time() - self._days * 86_400)
        return await asyncio.to_thread(prune, self._folder, datetime.fromtimestamp(oldest, UTC))


def belongs_to(line: str, names: set[str]) -> bool:
    """Whether a line of the file comes from one of these; every line does when none is named."""
    return not names or line.partition(" | ")[0].split(" ", 1)[-1].strip() in names


def tail(path: Path, count: int, names: set[str]) -> Iterator[str]:
    if not path.exists():
        return iter(())
    with path.open(encoding="utf-8", errors="replace") as file:
        return iter(deque((line for line in file if belongs_to(line, names)), maxlen=count))
