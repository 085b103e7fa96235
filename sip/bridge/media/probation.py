"""Packets of an address that is not known as the phone's, until they prove to be one stream."""

from __future__ import annotations

from dataclasses import dataclass

from sip.bridge.media.address import Address
from sip.bridge.media.g711 import SAMPLE_RATE
from sip.bridge.media.packet import Packet

LONGEST_GAP = 0.25
"""Seconds between two packets of a stream, by their arrival and by their timestamps."""

REORDERED = 5
"""So far back a sequence number is one that was overtaken, not another stream."""

MOST = 64
"""Addresses under observation at a time; the one with the least to show makes room."""


@dataclass
class Run:
    """The packets in a row that fit together: one SSRC, sequence numbers and timestamps that go on,
    with a tenth of them lost at most."""

    ssrc: int
    first: int
    last: int
    timestamp: int
    at: float
    count: int = 1
    seen: int = 1
    """All packets of this address, also those of earlier runs."""

    @classmethod
    def begin(cls, packet: Packet, now: float, seen: int = 1) -> Run:
        first = packet.sequence
        return cls(packet.ssrc, first, first, packet.timestamp, now, seen=seen)

    def goes_on(self, packet: Packet, now: float) -> bool:
        """Counts the packet if it belongs to the run; False if it does not."""
        step = ((packet.sequence - self.last + 0x8000) & 0xFFFF) - 0x8000
        if packet.ssrc != self.ssrc or now - self.at > LONGEST_GAP:
            return False
        if -REORDERED <= step <= 0:
            return True
        missing = ((packet.sequence - self.first) & 0xFFFF) + 1 - (self.count + 1)
        moved = (packet.timestamp - self.timestamp) & 0xFFFFFFFF
        if step < 0 or missing > self.count // 10 or moved > LONGEST_GAP * SAMPLE_RATE:
            return False
        self.last, self.timestamp, self.at = packet.sequence, packet.timestamp, now
        self.count += 1
        return True


class Probation:
    def __init__(self) -> None:
        self._runs: dict[Address, Run] = {}

    def note(self, packet: Packet, address: Address, now: float) -> Run:
        """One more packet of this address; the run that it belongs to."""
        run = self._runs.get(address)
        if run is None:
            self._make_room()
            run = self._runs[address] = Run.begin(packet, now)
            return run
        seen = run.seen + 1
        if not run.goes_on(packet, now):
            run = self._runs[address] = Run.begin(packet, now)
        run.seen = seen
        return run

    def forget(self, address: Address) -> None:
        self._runs.pop(address, None)

    def _make_room(self) -> None:
        if len(self._runs) >= MOST:
            self.forget(min(self._runs, key=lambda address: self._runs[address].count))
