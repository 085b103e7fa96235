"""Which lines of some folders were run: enough of a coverage tool for one figure."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any


class Reached:
    """While it is entered, each line is noted the first time that it runs, and no more."""

    def __init__(self, folders: Iterable[Path]) -> None:
        files = [file for folder in folders for file in folder.rglob("*.py")]
        self._files = {str(file) for file in files}
        self._all = {(str(file), line) for file in files for line in _lines(file)}
        self.lines: set[tuple[str, int]] = set()

    @property
    def share(self) -> float:
        """Of the lines within functions."""
        return len(self.lines & self._all) / max(1, len(self._all))

    def missed(self) -> list[str]:
        return [f"{file}:{line}" for file, line in sorted(self._all - self.lines)]

    def __enter__(self) -> Reached:
        sys.settrace(self._called)
        return self

    def __exit__(self, *failure: object) -> None:
        sys.settrace(None)

    def _called(self, frame: FrameType, event: str, value: Any) -> Any:
        return self._line if frame.f_code.co_filename in self._files else None

    def _line(self, frame: FrameType, event: str, value: Any) -> Any:
        self.lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


def _lines(file: Path) -> set[int]:
    """Those of functions; a module's own are run when it is imported."""
    found: set[int] = set()
    waiting = [compile(file.read_text("utf-8"), str(file), "exec")]
    while waiting:
        code = waiting.pop()
        waiting += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
        if code.co_flags & 0x2:  # CO_NEWLOCALS: a function, no module and no class
            found |= {line for _, _, line in code.co_lines() if line} - {code.co_firstlineno}
    return found
