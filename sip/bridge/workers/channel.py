"""Datagrams between two processes of the leg, in order and none lost, with open sockets in them.

A socket that is handed over (SCM_RIGHTS, unix(7)) is the same socket in both processes: it stays
open while either has it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Callable, Sequence

LONGEST = 1 << 18
"""Bytes of one message; LiveKit takes 64 kB of attributes and as much metadata."""
MOST_SOCKETS = 4
BURST = 64
"""Messages read in one turn of the loop, so that the clock is not kept waiting."""

Received = Callable[[bytes, list[int]], None]


class Channel:
    """One end. `received` gets each message and the sockets in it, which it has to close; `closed`
    is called once, when the other process has closed its end or died."""

    def __init__(self, end: socket.socket, received: Received, closed: Callable[[], None]) -> None:
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * LONGEST)
        self._end = end
        self._received = received
        self._closed = closed
        self._waiting: deque[tuple[bytes, list[int]]] = deque()
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._loop.add_reader(end, self._read)

    @property
    def open(self) -> bool:
        return self._open

    def send(self, message: bytes, sockets: Sequence[int] = ()) -> None:
        """Never waits; `sockets` stay the sender's own. To a closed channel nothing is sent.

        Raises ValueError for a message that is too long."""
        if len(message) > LONGEST:
            raise ValueError(f"a message of {len(message)} bytes")
        if not self._open:
            return
        kept = [os.dup(one) for one in sockets]
        self._waiting.append((message, kept))
        if len(self._waiting) == 1:
            self._write()

    def close(self) -> None:
        """What waits to be sent is dropped; `closed` is not called."""
        if not self._open:
            return
        self._open = False
        self._loop.remove_reader(self._end)
        self._loop.remove_writer(self._end)
        for _, kept in self._waiting:
            _close(kept)
        self._waiting.clear()
        self._end.close()

    def _write(self) -> None:
        while self._waiting:
            message, kept = self._waiting[0]
            try:
                socket.send_fds(self._end, [message], kept)
            except BlockingIOError:
                self._loop.add_writer(self._end, self._write)
                return
            except OSError:
                self._lost()
                return
            self._waiting.popleft()
            _close(kept)
        self._loop.remove_writer(self._end)

    def _read(self) -> None:
        for _ in range(BURST):
            if not self._open:
                return
            try:
                message, sockets, _, _ = socket.recv_fds(self._end, LONGEST, MOST_SOCKETS)
            except BlockingIOError:
                return
            except OSError:
                message, sockets = b"", []
            if not message:
                self._lost()
                return
            self._received(message, list(sockets))

    def _lost(self) -> None:
        if self._open:
            self.close()
            self._closed()


def _close(sockets: Sequence[int]) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            os.close(one)
