"""Writing a file that somebody has named: what cannot take it says so, and nothing keeps us
waiting."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path


class UnwritableError(Exception):
    """A file cannot be written; `reason` is a clause for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def write_text(name: Path, text: str) -> None:
    """Raises UnwritableError."""
    write_bytes(name, text.encode("utf-8", "replace"))


def write_bytes(name: Path, data: bytes) -> None:
    """Into a file, a pipe that somebody reads, or a terminal. Raises UnwritableError."""
    try:
        refuse_to_write(name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
        handle = os.open(name, flags, 0o666)
        os.set_blocking(handle, True)
        with open(handle, "wb") as stream:
            stream.write(data)
    except OSError as error:
        raise UnwritableError(_reason(error)) from None


def refuse_to_write(name: Path) -> None:
    """Raises UnwritableError for what can be told without opening it: also before work begins whose
    result is to be kept there."""
    try:
        mode = os.stat(name).st_mode
    except FileNotFoundError:
        if not name.parent.is_dir():
            raise UnwritableError("there is no such folder") from None
        return
    except (OSError, ValueError) as error:
        raise UnwritableError(_reason(error)) from None
    if stat.S_ISDIR(mode):
        raise UnwritableError("it is a folder")
    if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode):
        raise UnwritableError("it is a socket or a disk")
    if not os.access(name, os.W_OK):
        raise UnwritableError("it may not be written")


def replace_text(name: Path, text: str) -> None:
    """Whole or not at all: whoever watches the file never reads half of it. Raises
    UnwritableError."""
    target = name.resolve()
    try:
        handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with open(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            os.chmod(beside, target.stat().st_mode & 0o777)
            os.replace(beside, target)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UnwritableError(_reason(error)) from None


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, PermissionError):
        return "it may not be written"
    if isinstance(error, OSError) and error.errno == errno.ENXIO:
        return "it is a pipe that nobody reads"
    return ((error.strerror if isinstance(error, OSError) else "") or "it is not possible").lower()
