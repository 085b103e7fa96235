"""The RTP port of a phone as a plain socket: every packet that comes, as it came."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

from sip.bridge.media.packet import Packet, build, parse
from sip.bridge.sdp.description import Local
from sip.bridge.transport.flow import Address


@dataclass
class Wire:
    plug: socket.socket
    packets: list[Packet] = field(default_factory=list)

    @property
    def local(self) -> Local:
        host, port = self.plug.getsockname()
        return Local(host, port)

    def send(self, packet: Packet, to: Address) -> None:
        self.plug.sendto(build(packet), to)

    async def count(self, more: int) -> list[Packet]:
        """So many more packets, as they come."""
        loop = asyncio.get_running_loop()
        start = len(self.packets)
        async with asyncio.timeout(10):
            while len(self.packets) < start + more:
                packet = parse(await loop.sock_recv(self.plug, 2048))
                assert packet is not None
                self.packets.append(packet)
        return self.packets[start:]

    def skip(self) -> int:
        """Forget what has come so far; returns how much it was."""
        skipped = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self.plug.recv(2048)
                skipped += 1
        return skipped


@contextlib.contextmanager
def wire() -> Iterator[Wire]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        plug.bind(("127.0.0.1", 0))
        plug.setblocking(False)
        yield Wire(plug)
