"""A call's port on paper: who sends to it, and what it may send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sip.bridge.media.g711 import FRAME
from sip.bridge.media.packet import Packet
from sip.bridge.media.source import Source, Told

PHONE = ("198.51.100.7", 40000)
OTHER_PORT = ("198.51.100.7", 51234)
PRIVATE = ("192.168.1.9", 40000)
STRANGER = ("203.0.113.66", 5555)
VICTIM = ("203.0.113.9", 40000)
SIGNALLING = frozenset({PHONE[0]})
DIRECT = Told(PHONE, SIGNALLING)
NATTED = Told(PRIVATE, SIGNALLING, behind_nat=True)
ELSEWHERE = Told(VICTIM, SIGNALLING)
"""Sound is wanted at a host that the signalling does not come from."""


@dataclass
class Sender:
    """One stream of packets as a phone makes it, 50 a second."""

    address: tuple[str, int]
    ssrc: int = 1
    sequence: int = 100
    timestamp: int = 5000
    payload_type: int = 0
    odd: Callable[[Sender], None] = lambda sender: None

    def packet(self) -> Packet:
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + FRAME) & 0xFFFFFFFF
        self.odd(self)
        return Packet(self.payload_type, self.sequence, self.timestamp, self.ssrc, bytes(FRAME))


@dataclass
class Line:
    """A call's port, and a clock that the test moves 20 ms with every round of packets."""

    source: Source = field(default_factory=Source)
    now: float = 1000.0

    @classmethod
    def answered(cls, told: Told) -> Line:
        line = cls()
        line.tell(told)
        return line

    def tell(self, told: Told, *, answered: bool = True) -> None:
        self.source.tell(told, self.now, answered=answered)

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def hear(self, *senders: Sender, seconds: float) -> list[int]:
        """How many packets of each sender were taken for the phone's."""
        taken = [0] * len(senders)
        for _ in range(round(seconds * 50)):
            self.now += 0.02
            for index, sender in enumerate(senders):
                packet, agreed = sender.packet(), sender.payload_type in (0, 101)
                taken[index] += self.source.is_phone(
                    packet, sender.address, self.now, agreed=agreed
                )
        return taken

    def send(self, seconds: float) -> int:
        """How many packets of ours go out."""
        sent = 0
        for _ in range(round(seconds * 50)):
            self.now += 0.02
            if self.source.may_send(self.now):
                self.source.sent()
                sent += 1
        return sent
