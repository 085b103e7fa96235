"""Host and port, as people write them in settings."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """`127.0.0.1:5060` or `[::1]:5060`. Raises ValueError with a sentence for the operator."""
        host, colon, port = text.rpartition(":")
        if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"{text!r} is not HOST:PORT")
        return cls(host.strip("[]"), int(port))

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def dialled(self) -> Address:
        """Where a client on this machine finds a server that listens here."""
        wildcard = {"0.0.0.0": "127.0.0.1", "::": "::1"}
        return Address(wildcard.get(self.host, self.host), self.port)
