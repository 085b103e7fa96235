"""Which RTP ports are taken."""

from __future__ import annotations

import socket

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

    def open(self) -> tuple[socket.socket, int]:
        """Raises NoPortError when none is left."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        for port in self.range.shuffled():
            if port in self._open:
                continue
            bound = socket.socket(family, socket.SOCK_DGRAM)
            try:
                bound.bind((self.host, port))
            except OSError:
                bound.close()
                continue
            bound.setblocking(False)
            self._open.add(port)
            return bound, port
        raise NoPortError(f"no RTP port free in {self.range.low}-{self.range.high}")

    def adopt(self, bound: socket.socket) -> int:
        """Count one that was opened by an earlier process; its port."""
        port = int(bound.getsockname()[1])
        self._open.add(port)
        return port

    def is_open(self, port: int) -> bool:
        """Whether it is a call's, for its sound or for the reports on it."""
        return port - port % 2 in self._open

    def release(self, port: int) -> None:
        self._open.discard(port)
