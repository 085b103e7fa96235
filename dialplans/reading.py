"""Where the files of a plan are: in a folder, or in memory."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dialplans.source import MAX_BYTES


class UnreadableError(Exception):
    """A file cannot be read; `reason` is a clause for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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

    def inside(self, name: str, folder: str) -> bool:
        """Whether the file really is within the folder, links followed."""


@dataclass(frozen=True)
class Folder:
    """Files on the disk; `overlay` stands before them, for text that is not saved yet."""

    folder: str
    overlay: Mapping[str, str] = field(default_factory=dict)
    has_sounds: bool = True

    @classmethod
    def of(cls, path: str | Path, overlay: Mapping[str, str] | None = None) -> Folder:
        return cls(os.path.dirname(os.fspath(path)) or ".", overlay or {})

    def shown(self, name: str) -> str:
        return name if self.folder == "." else os.path.join(self.folder, name)

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def read(self, name: str) -> bytes:
        if name in self.overlay:
            return self.overlay[name].encode("utf-8", "surrogatepass")
        try:
            # A pipe would keep us waiting: opened without blocking, then looked at.
            handle = os.open(self._path(name), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise UnreadableError(_reason(error)) from None
        with os.fdopen(handle, "rb") as stream:
            if stat.S_ISDIR(os.fstat(handle).st_mode):
                raise UnreadableError("it is a folder")
            os.set_blocking(handle, True)
            return stream.read(MAX_BYTES + 1)

    def has(self, name: str) -> bool:
        return name in self.overlay or os.path.isfile(self._path(name))

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
        return self.files[name].encode("utf-8", "surrogatepass")[: MAX_BYTES + 1]

    def has(self, name: str) -> bool:
        return name in self.files

    def inside(self, name: str, folder: str) -> bool:
        root = os.path.normpath(folder)
        path = os.path.normpath(name)
        return not path.startswith(("..", "/")) and (root == "." or path.startswith(root + "/"))


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "it may not be read"
    if isinstance(error, NotADirectoryError):
        return "there is no such folder"
    return (error.strerror if isinstance(error, OSError) else None) or "its name is not possible"
