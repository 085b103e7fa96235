"""Copies of messages and reports for a Homer, in HEP version 3 over UDP.

Nothing waits for it: what the kernel does not take at once, and what is said before the collector's
name is known, is lost to it and counted.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
import time
from datetime import datetime

import structlog

from dialplans.process.background import end
from sip.bridge.runtime.hep_target import HepTarget
from sip.bridge.trace.ladder import Hop
from sip.bridge.trace.masking import without_secrets

log = structlog.get_logger()

SIP, RTCP = 1, 5
"""Protocol types; RTCP's payload is JSON."""

LOOK_UP_EVERY = 300.0
LOOK_UP_AGAIN = 30.0
SAY_EVERY = 60.0
LARGEST = 60_000

_UDP, _TCP = 17, 6
_CHUNK = struct.Struct("!HHH")


class Hep:
    """`local` is our own host:port, from which everything that we send seems to come."""

    def __init__(self, target: HepTarget) -> None:
        self.local = ""
        self.sent = self.lost = 0
        self._target = target
        self._to: tuple[str, int] | None = None
        self._sockets: dict[int, socket.socket] = {}
        self._task: asyncio.Task[None] | None = None
        self._said = float("-inf")

    def start(self) -> None:
        self._task = asyncio.create_task(self._look_up())

    async def aclose(self) -> None:
        await end(self._task)
        for one in self._sockets.values():
            one.close()
        self._sockets.clear()

    def message(self, raw: bytes, hop: Hop, at: datetime, call_id: str) -> None:
        """A message of SIP, as it is kept: without what is secret in it."""
        self._send(SIP, without_secrets(raw).encode(), self.local, hop, at, call_id)

    def report(self, payload: bytes, local: str, hop: Hop, at: datetime, call_id: str) -> None:
        """A report on sound, as JSON; `local` is our port for those of this call."""
        self._send(RTCP, payload, local, hop, at, call_id)

    def _send(
        self, kind: int, payload: bytes, local: str, hop: Hop, at: datetime, call_id: str
    ) -> None:
        to = self._to
        if to is None:
            self._lose("its name is not known yet")
            return
        target = self._target
        data = packet(
            kind, payload[:LARGEST], (local, hop), at, (call_id, target.agent_id, target.password)
        )
        try:
            self._socket(to).sendto(data, to)
        except (OSError, BlockingIOError) as error:
            self._lose(str(error))
            return
        self.sent += 1

    def _socket(self, to: tuple[str, int]) -> socket.socket:
        family = socket.AF_INET6 if ":" in to[0] else socket.AF_INET
        if family not in self._sockets:
            made = self._sockets[family] = socket.socket(family, socket.SOCK_DGRAM)
            made.setblocking(False)
        return self._sockets[family]

    def _lose(self, why: str) -> None:
        self.lost += 1
        now = time.monotonic()
        if now - self._said > SAY_EVERY:
            self._said = now
            log.warning("hep.not_sent", to=self._target.host, lost=self.lost, reason=why)

    async def _look_up(self) -> None:
        """A name may come to mean another host; the old one serves until then."""
        loop = asyncio.get_running_loop()
        host, port = self._target.host, self._target.port
        while True:
            wait = LOOK_UP_EVERY
            try:
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
                self._to = (str(found[0][4][0]), port)
            except OSError as error:
                wait = LOOK_UP_AGAIN
                log.warning("hep.no_such_host", host=host, error=str(error))
            await asyncio.sleep(wait)


def packet(
    kind: int,
    payload: bytes,
    way: tuple[str, Hop],
    at: datetime,
    sender: tuple[str, int, str],
) -> bytes:
    """`way` is our own host:port and the hop; `sender` the Call-ID, our id and the password."""
    local, hop = way
    call_id, agent_id, password = sender
    ours, theirs = _end(local), _end(hop.peer)
    if ours[0].version != theirs[0].version:
        ours = (ipaddress.ip_address("::" if theirs[0].version == 6 else "0.0.0.0"), ours[1])
    source, target = (ours, theirs) if hop.sent else (theirs, ours)
    six = source[0].version == 6
    chunks = [
        (1, struct.pack("!B", socket.AF_INET6 if six else socket.AF_INET)),
        (2, struct.pack("!B", _UDP if hop.transport == "UDP" else _TCP)),
        (5 if six else 3, source[0].packed),
        (6 if six else 4, target[0].packed),
        (7, struct.pack("!H", source[1])),
        (8, struct.pack("!H", target[1])),
        (9, struct.pack("!I", int(at.timestamp()))),
        (10, struct.pack("!I", at.microsecond)),
        (11, struct.pack("!B", kind)),
        (12, struct.pack("!I", agent_id)),
        *([(14, password.encode())] if password else []),
        (17, call_id.encode()),
        (15, payload),
    ]
    body = b"".join(_CHUNK.pack(0, number, 6 + len(data)) + data for number, data in chunks)
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body


def _end(text: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]:
    host, _, port = text.rpartition(":")
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:  # a name by which others reach us
        address = ipaddress.ip_address("0.0.0.0")
    return address, int(port) if port.isdigit() else 0
