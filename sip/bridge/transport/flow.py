"""Where a message came from, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Address = tuple[str, int]


class Way(Protocol):
    """Sends without waiting and never raises: what does not arrive is the timers' business."""

    def send(self, data: bytes, to: Address) -> None: ...


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

    def send(self, data: bytes, to: Address | None = None) -> None:
        """`to` is for UDP: a connection has one other end."""
        peer = self.peer if self.reliable else to or self.peer
        self.tap(data, self, peer, True)
        self._way.send(data, peer)
