"""Messages out of a stream of bytes (RFC 3261 §18.3), without reading more than was let in."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 64 * 1024
END = b"\r\n\r\n"
_FOLDED = re.compile(rb"(?:\r\n|\r|\n)[ \t]+")
_LENGTH = re.compile(rb"(?i)(?:^|[\r\n])[ \t]*(?:content-length|l)[ \t]*:([^\r\n]*)")


class FramingError(ValueError):
    """Nothing that comes after this can be read: the connection is of no use any more."""


class Framer:
    """Takes bytes as they come; `pings` counts keep-alives (RFC 5626 §3.5.1) not yet answered."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._searched = 0
        self._head = 0
        self._body = 0
        self._line_ends = 0
        self.pings = 0

    @property
    def unfinished(self) -> bool:
        """Whether a message has begun and is not whole."""
        return bool(self._held)

    def put(self, data: bytes | memoryview) -> None:
        self._held += data

    def messages(self, *, largest: int) -> Iterator[bytes]:
        """Each whole message; raises FramingError for one that is longer or has no end."""
        while True:
            if not self._head:
                self._skip_line_ends()
                if not self._find_head(largest):
                    return
            whole = self._head + self._body
            if whole > largest or self._body > MAX_BODY_BYTES:
                raise FramingError("message too long")
            if len(self._held) < whole:
                return
            message = bytes(self._held[:whole])
            del self._held[:whole]
            self._head = self._body = self._searched = self._line_ends = 0
            yield message

    def _skip_line_ends(self) -> None:
        """Before a message they are keep-alives, or nothing (RFC 3261 §7.5)."""
        if not self._held.startswith((b"\r", b"\n")):
            return
        blank = len(self._held) - len(self._held.lstrip(b"\r\n"))
        self._line_ends += self._held.count(b"\n", 0, blank)
        self.pings += self._line_ends // 2
        self._line_ends %= 2
        del self._held[:blank]

    def _find_head(self, largest: int) -> bool:
        end = self._held.find(END, max(0, self._searched - len(END)))
        most = min(MAX_HEAD_BYTES, largest)
        if end < 0:
            self._searched = len(self._held)
            if self._searched > most:
                raise FramingError("headers too long")
            return False
        self._head = end + len(END)
        if self._head > most:
            raise FramingError("headers too long")
        self._body = _content_length(bytes(self._held[: self._head]))
        return True


def _content_length(head: bytes) -> int:
    """None given is none there. Raises FramingError, also for two that differ: somebody before us
    may have believed the other one."""
    found = {value.strip() for value in _LENGTH.findall(_FOLDED.sub(b" ", head))}
    if not all(value.isdigit() and len(value) < 10 for value in found):
        raise FramingError("Content-Length")
    lengths = set(map(int, found))
    if len(lengths) > 1:
        raise FramingError("more than one Content-Length")
    return lengths.pop() if lengths else 0
