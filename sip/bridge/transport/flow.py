"""Where a message came from, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Address = tuple[str, int]


class Way(Protocol):
    """Sends without waiting and never raises: what does not arrive is the timers' business."""

    def send(self, data: bytes, to: Address) -> None: ...


@dataclass
class Unproved:
    """How much may be sent to an address that somebody else may have written on a datagram: as much
    as came from it, so that nobody makes us send to a third more than they have sent themselves.

    `proved` says whether by now the address has shown to be whose it seems.
    """

    octets: int
    proved: Callable[[], bool]

    def has(self, octets: int) -> bool:
        return octets <= self.octets or self.proved()

    def take(self, octets: int) -> bool:
        if not self.has(octets):
            return False
        self.octets -= octets
        return True


Tap = Callable[[bytes, "Flow", Address, bool], None]
"""Told of each message: its flow, who it came from or goes to, and whether we send it."""


def _untapped(data: bytes, flow: Flow, peer: Address, sent: bool) -> None:
    pass


class Flow:
    """A UDP address, or a connection by TCP or TLS. `tap` is told of each message that is sent.

    `port` is the one of ours that the other side reaches us at, where it is not the usual one.
    """

    def __init__(
        self, peer: Address, way: Way, *, reliable: bool = False, secure: bool = False
    ) -> None:
        self.peer = peer
        self.reliable = reliable
        self.closed = False
        """A connection that is gone: what has to be sent needs another one."""
        self.tap: Tap = _untapped
        self.unproved: Unproved | None = None
        """Of a datagram of a stranger; None where anything may be sent."""
        self.secure = secure
        self.port: int | None = None
        self._way = way
        self.on_lost: set[Callable[[Flow], None]] = set()
        """Called when a connection has ended, whoever ended it: several may rely on one."""

    @property
    def name(self) -> str:
        if self.secure:
            return "TLS"
        return "TCP" if self.reliable else "UDP"

    def lost(self) -> None:
        watching, self.on_lost = self.on_lost, set()
        for told in watching:
            told(self)

    def has_room(self, octets: int) -> bool:
        """Whether so much may be sent."""
        return self.unproved is None or self.unproved.has(octets)

    @property
    def strange(self) -> bool:
        """Whether whoever is there may be somebody else."""
        return self.unproved is not None and not self.unproved.proved()

    def came_again(self, flow: Flow) -> None:
        """The same was sent once more, by `flow`: as much more may be answered."""
        if self.unproved is not None and flow.unproved is not None:
            self.unproved.octets += flow.unproved.octets

    def send(self, data: bytes, to: Address | None = None) -> None:
        """`to` is for UDP: a connection has one other end. What has no room is not sent."""
        if self.unproved is not None and not self.unproved.take(len(data)):
            return
        peer = self.peer if self.reliable else to or self.peer
        self.tap(data, self, peer, True)
        self._way.send(data, peer)
