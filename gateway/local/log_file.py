"""One log for all processes: each line says when and who."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

FILE = "switchboard.log"
KEEP_BYTES = 50_000_000
"""At this size the file becomes `switchboard.log.1`, and the one before that is dropped."""
LONGEST_LINE = 64_000
WIDTH = 9


class LogFile:
    """Writes whole lines only, so that two processes never share one."""

    def __init__(self, folder: Path, *, echo: bool = False) -> None:
        self.path = folder / FILE
        self._echo = echo
        self._file: TextIO | None = None
        self.last: dict[str, deque[str]] = {}

    def write(self, name: str, text: str) -> None:
        self.last.setdefault(name, deque(maxlen=5)).append(text)
        line = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + f"Z {name:<{WIDTH}} | {text}\n"
        if self._file is None or self._file.tell() > KEEP_BYTES:
            self._file = self._turn_over()
        self._file.write(line)
        self._file.flush()
        if self._echo:
            sys.stdout.write(line)
            sys.stdout.flush()

    def _turn_over(self) -> TextIO:
        if self._file is not None:
            self._file.close()
            self.path.replace(self.path.with_name(FILE + ".1"))
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


def belongs_to(line: str, names: set[str]) -> bool:
    """Whether a line of the file comes from one of these; every line does when none is named."""
    return not names or line.partition(" | ")[0].split(" ", 1)[-1].strip() in names


def tail(path: Path, count: int, names: set[str]) -> Iterator[str]:
    if not path.exists():
        return iter(())
    with path.open(encoding="utf-8", errors="replace") as file:
        return iter(deque((line for line in file if belongs_to(line, names)), maxlen=count))
