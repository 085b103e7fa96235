"""Which RTP ports are taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sip.bridge.runtime.port_range import PortRange


class NoPortError(OSError):
    """Every port of the range is taken."""


class Ports:
    """Opens sockets in the range and knows how many are open."""

    def __init__(self, host: str, ports: PortRange) -> None:
        self.host = host
        self.range = ports
        self._open: set[int] = set()

    def __len__(self) -> int:
        return len(self._open)

    async def open(
        self, protocol: Callable[[], asyncio.DatagramProtocol]
    ) -> tuple[asyncio.DatagramTransport, int]:
        """Raises NoPortError when none is left."""
        loop = asyncio.get_running_loop()
        for port in self.range.shuffled():
            if port in self._open:
                continue
            self._open.add(port)
            try:
                transport, _ = await loop.create_datagram_endpoint(
                    protocol, local_addr=(self.host, port)
                )
            except OSError:
                self._open.discard(port)
                continue
            return transport, port
        raise NoPortError(f"no RTP port free in {self.range.low}-{self.range.high}")

    def is_open(self, port: int) -> bool:
        return port in self._open

    def release(self, port: int) -> None:
        self._open.discard(port)
