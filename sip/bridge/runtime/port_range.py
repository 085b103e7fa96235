"""Which ports carry sound."""

from __future__ import annotations

import random
from dataclasses import dataclass


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
