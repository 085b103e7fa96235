"""Where the files of a plan are: in a folder, or in memory; and how any file is read that somebody
has named.

A name may lead anywhere: to a folder, to a pipe that never says anything, to a device that never
ends. Only regular files are read, and no more of them than was asked for, so that reading ends.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

STANDARD_INPUT = "-"
"""Instead of a file: the one way in which a pipe is read."""

MAX_BYTES = 2 * 1024 * 1024
"""Of a plan with all that it includes, and of each of its other files: bytes, not characters."""
LONGEST_LINE = 256 * 1024

Name = str | os.PathLike[str]


class UnreadableError(Exception):
    """A file cannot be read; `reason` is a clause for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadLineError(ValueError):
    """A line cannot be read; the message names it and says what is wrong with it."""


@contextmanager
def opened(name: Name) -> Iterator[BinaryIO]:
    """A regular file, or standard input for `-`. Raises UnreadableError, also while it is read."""
    try:
        if os.fspath(name) == STANDARD_INPUT:
            yield _standard_input()
        else:
            with _regular(name) as stream:
                yield stream
    except OSError as error:
        raise UnreadableError(_reason(error)) from None


def contents(name: Name, limit: int = MAX_BYTES) -> bytes:
    """The whole file if it is no longer than `limit`, else one byte more than that. Raises
    UnreadableError."""
    with opened(name) as stream:
        return stream.read(limit + 1) or b""


class Lines:
    """The lines of a file as text, their ends kept. Raises BadLineError for one that is longer than
    `longest` bytes, is not UTF-8 or holds a NUL."""

    def __init__(self, stream: BinaryIO, longest: int = LONGEST_LINE) -> None:
        self._stream = stream
        self._longest = longest
        self.number = 0
        """Of the line that was read last."""

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        raw = self._stream.readline(self._longest + 1)
        if not raw:
            raise StopIteration
        self.number += 1
        if len(raw) > self._longest:
            raise BadLineError(f"line {self.number} is longer than {self._longest} bytes")
        if b"\0" in raw:
            raise BadLineError(f"line {self.number} holds a NUL byte: this is no text")
        try:
            return raw.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            wrong = f"line {self.number} is not UTF-8: byte 0x{raw[error.start]:02x}"
            raise BadLineError(wrong) from None


def refusal(name: Name) -> str | None:
    """Why a file cannot be read, without opening it; None if it can."""
    try:
        _refuse(os.stat(name).st_mode)
    except UnreadableError as error:
        return error.reason
    except ValueError:
        return "its name is not possible"
    except OSError as error:
        return _reason(error)
    return None if os.access(name, os.R_OK) else "it may not be read"


class Shelf(Protocol):
    """Names are relative to the plan's folder, with forward slashes."""

    @property
    def folder(self) -> str | None:
        """What stands before a name when it is shown; None if nothing does."""

    @property
    def has_sounds(self) -> bool:
        """Whether sound files are here too; a stored plan only holds text."""

    def shown(self, name: str) -> str: ...

    def read(self, name: str) -> bytes:
        """Raises UnreadableError; never returns more than one byte over `MAX_BYTES`."""

    def has(self, name: str) -> bool: ...

    def refusal(self, name: str) -> str | None:
        """Why it cannot be read, or None."""

    def inside(self, name: str, folder: str) -> bool:
        """Whether the file really is within the folder, links followed."""


@dataclass(frozen=True)
class Folder:
    """Files on the disk; `overlay` stands before them, for text that is not saved yet."""

    folder: str
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    has_sounds: bool = True

    @classmethod
    def of(cls, path: str | Path, overlay: Mapping[str, bytes] | None = None) -> Folder:
        return cls(os.path.dirname(os.fspath(path)) or ".", overlay or {})

    def shown(self, name: str) -> str:
        return name if self.folder == "." else os.path.join(self.folder, name)

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def read(self, name: str) -> bytes:
        if name in self.overlay:
            return self.overlay[name][: MAX_BYTES + 1]
        return contents(self._path(name))

    def has(self, name: str) -> bool:
        return name in self.overlay or os.path.exists(self._path(name))

    def refusal(self, name: str) -> str | None:
        return None if name in self.overlay else refusal(self._path(name))

    def inside(self, name: str, folder: str) -> bool:
        root = os.path.realpath(self._path(folder))
        return os.path.commonpath([root, os.path.realpath(self._path(name))]) == root


@dataclass(frozen=True)
class Memory:
    """Files in memory: a plan from the store, or from a test."""

    files: Mapping[str, str]
    folder: str | None = "."
    has_sounds: bool = False

    def shown(self, name: str) -> str:
        return name

    def read(self, name: str) -> bytes:
        if name not in self.files:
            raise UnreadableError("there is no such file")
        return encoded(self.files[name])

    def has(self, name: str) -> bool:
        return name in self.files

    def refusal(self, name: str) -> str | None:
        return None if name in self.files else "there is no such file"

    def inside(self, name: str, folder: str) -> bool:
        root = os.path.normpath(folder)
        path = os.path.normpath(name)
        return not path.startswith(("..", "/")) and (root == "." or path.startswith(root + "/"))


def encoded(text: str) -> bytes:
    """As it would stand in a file; of a text that is too large one byte more than `MAX_BYTES`."""
    return text[: MAX_BYTES + 1].encode("utf-8", "surrogatepass")[: MAX_BYTES + 1]


def _regular(name: Name) -> BinaryIO:
    """Raises OSError or UnreadableError."""
    try:
        _refuse(os.stat(name).st_mode)  # before it is opened: to some devices that is an order
        # A pipe that was put in its place since would keep us waiting.
        handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except ValueError:
        raise UnreadableError("its name is not possible") from None
    try:
        _refuse(os.fstat(handle).st_mode)
    except UnreadableError:
        os.close(handle)
        raise
    return open(handle, "rb")


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise UnreadableError("there is no standard input")
    return sys.stdin.buffer


def _refuse(mode: int) -> None:
    """Raises UnreadableError for all that is no regular file."""
    for is_one, name in (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe; pass - and it is read from standard input"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if is_one(mode):
            raise UnreadableError(f"it is {name}")


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "it may not be read"
    if isinstance(error, NotADirectoryError):
        return "there is no such folder"
    return (error.strerror or "it cannot be opened").lower()
