"""Who the phone is among those who send packets to a call's port, and what may be sent to it.

The address and port of the SDP have the right, always. Whoever else sends is a stranger: counted
and never answered, until the SDP's address has proved to be silent and the stranger to be the phone
behind a NAT. Nearer ones come first: the host that the signalling comes from, then any other.
"""

from __future__ import annotations

from dataclasses import dataclass

from sip.bridge.media.address import Address
from sip.bridge.media.packet import Packet
from sip.bridge.media.probation import Probation

NEAR_SILENCE = 0.5
"""Seconds without a packet from the SDP's address after which its host, or that of the signalling,
may be the phone from another port."""

NEAR_PACKETS = 5

FAR_SILENCE = 2.0
FAR_PACKETS = 50
"""The same for any other host: a second of sound without a gap. Never where the signalling itself
comes from the SDP's host, nor once anybody nearer was heard."""

RELATCH_SECONDS = 2.0
"""A phone behind a changed NAT binding may come from a new port after this long a silence."""

UNHEARD_PACKETS = 150
"""What goes to an address that no packet has come from and that the signalling does not come from
either: 3 s. Every packet of the phone gives one of them back, so nobody is sent more than came."""

DOUBT_SECONDS = 0.6
"""For so long such an address is sent nothing: the phone, or its NAT, has mostly spoken by then."""


@dataclass(frozen=True)
class Told:
    """What the signalling says of the phone. `hosts` are those that it comes from; `behind_nat` is
    an address that cannot be the one we see, so nothing is sent to it."""

    address: Address | None = None
    hosts: frozenset[str] = frozenset()
    behind_nat: bool = False

    @property
    def vouched(self) -> bool:
        """The phone's own signalling comes from the host that it wants its sound at."""
        return self.address is not None and self.address[0] in self.hosts


@dataclass
class Strangers:
    """Packets of whoever is not the phone, and the host that the last of them came from."""

    packets: int = 0
    host: str = ""


class Source:
    """All times are seconds of one steady clock, which the caller holds."""

    def __init__(self) -> None:
        self._told = Told()
        self._known: list[Address] = []
        """Where the phone has spoken from: the earlier ones have the older right."""
        self._former: frozenset[Address] = frozenset()
        self._answered_at: float | None = None
        self._silent_since = 0.0
        self._probation = Probation()
        self._credit: float = UNHEARD_PACKETS
        self.strangers = Strangers()

    @property
    def target(self) -> Address | None:
        """Where the phone is; None while nobody knows."""
        if self._known:
            return self._known[-1]
        return None if self._told.behind_nat else self._told.address

    def tell(self, told: Told, now: float, *, answered: bool) -> bool:
        """Follow a description; True if it moves the phone, so that all is learnt anew.

        `answered` is whether both sides agree on it already: an INVITE waits for its ACK. A
        description without an address (hold) forgets nothing.
        """
        moves = told.address is not None and told.address != self._told.address
        if moves:
            self._former = frozenset(self._known)
            self._known.clear()
            self._probation = Probation()
            self._answered_at = None
        if told.address is not None:
            self._told = told
        self._silent_since = now
        if answered:
            self.answer(now)
        return moves

    def answer(self, now: float) -> None:
        """Both sides agree: from now on the phone is sent to, and its silence counts."""
        if self._answered_at is None:
            self._answered_at = self._silent_since = now

    def is_phone(self, packet: Packet, address: Address, now: float, *, agreed: bool) -> bool:
        """`agreed` is whether the packet's payload type is one of the call's."""
        if not (self._has_right(address) or (agreed and self._learns(packet, address, now))):
            if address not in self._former:
                self.strangers.packets += 1
                self.strangers.host = address[0]
            return False
        self._silent_since = now
        self._credit = min(UNHEARD_PACKETS, self._credit + 1)
        return True

    @property
    def settled(self) -> bool:
        """Whether the phone is known to be where it is sent to: heard there, or vouched for."""
        return bool(self._known) or self._told.vouched

    def may_send(self, now: float) -> bool:
        if self.target is None or self._answered_at is None:
            return False
        if self.settled:
            return True
        return now - self._answered_at > DOUBT_SECONDS and self._credit > 0

    def sent(self, frames: float = 1.0) -> None:
        """A packet has gone out, as long as so many ordinary ones."""
        if not self.settled:
            self._credit -= max(1.0, frames)

    def unreadable(self, address: Address) -> bool:
        """A packet that is not encrypted with the call's key; whether it came from where the phone
        is. Otherwise it is a stranger's."""
        if address == self._told.address or address in self._known:
            return True
        if address not in self._former:
            self.strangers.packets += 1
            self.strangers.host = address[0]
        return False

    def _has_right(self, address: Address) -> bool:
        if address == self._told.address and not self._told.behind_nat:
            self._known = [address]
        elif address in self._known:
            del self._known[self._known.index(address) + 1 :]
        else:
            return False
        return True

    def _learns(self, packet: Packet, address: Address, now: float) -> bool:
        run = self._probation.note(packet, address, now)
        needed = self._needed(address, now)
        if needed is None or run.count < needed:
            return False
        if self._known and self._is_near(address) and not self._is_near(self._known[-1]):
            self._known.clear()
        self._known.append(address)
        self._probation.forget(address)
        if address not in self._former:
            self.strangers.packets -= run.seen - 1
        return True

    def _needed(self, address: Address, now: float) -> int | None:
        """How many packets in a row make this address the phone's; None: it cannot be now."""
        if self._answered_at is None or self._told.address is None:
            return None
        silent = now - self._silent_since
        if self._is_near(address) or address[0] in {host for host, _ in self._known}:
            return NEAR_PACKETS if silent > self._patience(address) else None
        settled = self._known or (self._told.vouched and not self._told.behind_nat)
        return FAR_PACKETS if not settled and silent > FAR_SILENCE else None

    def _patience(self, address: Address) -> float:
        if self._known:
            outranked = self._is_near(address) and not self._is_near(self._known[-1])
            return -1.0 if outranked else RELATCH_SECONDS
        return -1.0 if self._told.behind_nat else NEAR_SILENCE

    def _is_near(self, address: Address) -> bool:
        told = self._told
        named = told.address is not None and told.address[0] == address[0]
        return address[0] in told.hosts or (named and not told.behind_nat)
