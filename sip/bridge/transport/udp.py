"""Datagrams, read only as long as nobody else has to wait for it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

import structlog

from sip.bridge.transport.flow import Address

log = structlog.get_logger()

AT_ONCE = 64
AT_ONCE_SECONDS = 0.004
"""A turn of the event loop reads no more, so that the 20 ms clock of the sound has its turn too."""

MAX_DATAGRAM = 65535
ROOM = 2 * 1024 * 1024
"""What may wait in the kernel, where it gives so much: a burst of a carrier."""

Receive = Callable[[memoryview, Address], None]


class Datagrams:
    """`receive` must be done with the bytes when it returns."""

    def __init__(self, bound: socket.socket, receive: Receive) -> None:
        self.socket = bound
        self._receive = receive
        self._held = memoryview(bytearray(MAX_DATAGRAM))
        self._loop = asyncio.get_running_loop()
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        self._loop.add_reader(bound.fileno(), self._readable)

    def close(self) -> None:
        if self.socket.fileno() >= 0:
            self._loop.remove_reader(self.socket.fileno())
            self.socket.close()

    def send(self, data: bytes, to: Address) -> None:
        try:
            self.socket.sendto(data, to)
        except (OSError, ValueError, OverflowError) as error:
            log.info("sip.not_sent", error=str(error))

    def _readable(self) -> None:
        until = time.monotonic() + AT_ONCE_SECONDS
        for _ in range(AT_ONCE):
            try:
                size, address = self.socket.recvfrom_into(self._held)
            except BlockingIOError:
                return
            except OSError:
                continue  # ICMP: some peer is not there; its transaction times out
            self._receive(self._held[:size], (address[0], address[1]))
            if time.monotonic() > until or self.socket.fileno() < 0:
                return
