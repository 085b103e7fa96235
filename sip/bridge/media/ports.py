"""Which RTP ports are taken."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass


class NoPortError(OSError):
    """Every port of the range is taken."""


@dataclass(frozen=True)
class PortRange:
    """Even ports from `low` to `high`; the odd ones would be RTCP's (RFC 3550 §11)."""

    low: int
    high: int

    @classmethod
    def parse(cls, text: str) -> PortRange:
        low, _, high = text.partition("-")
        found = cls(int(low), int(high or low))
        if not 1024 <= found.low <= found.high <= 65535:
            raise ValueError(f"not a range of ports: {text}")
        return found

    def __contains__(self, port: int) -> bool:
        """Also RTCP's port of the last call, one above."""
        return self.low <= port <= self.high + 1

    def shuffled(self) -> list[int]:
        ports = list(range(self.low + self.low % 2, self.high + 1, 2))
        random.shuffle(ports)
        return ports


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
