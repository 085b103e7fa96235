"""Who an address is to us: somebody on the line, an address of a trunk, or a stranger."""

from __future__ import annotations

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

PROVED_SECONDS = 3600.0
"""How long an address that gave a trunk's password is a peer, without giving it again."""

REMEMBERED = 10_000
WIDEST = {4: 8, 6: 16}
"""A shorter prefix than these names nobody in particular."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Standing(Enum):
    ON_THE_LINE = "on the line"
    """A call or a request of ours is going on with this address."""
    TRUNK = "trunk"
    """A trunk names the address, or it has proved a trunk's password."""
    STRANGER = "stranger"
    """No trunk names it, but there is one that lets in by password alone."""
    SHUT_OUT = "shut out"
    """No trunk names it, and all of them name who may call."""

    @property
    def known(self) -> bool:
        return self in (Standing.ON_THE_LINE, Standing.TRUNK)


@dataclass(frozen=True)
class TrunkAddresses:
    """Who may send calls by address; `by_password` if a trunk takes them from anywhere."""

    networks: tuple[Network, ...] = ()
    by_password: bool = False

    @classmethod
    def of(cls, allowed: Iterable[Iterable[str]]) -> TrunkAddresses:
        """`allowed` has the networks of each trunk that takes calls. One that names half of the
        internet names nobody: its callers show themselves by password."""
        named: list[Network] = []
        by_password = False
        for trunk in allowed:
            networks = [ipaddress.ip_network(text, strict=False) for text in trunk]
            narrow = [net for net in networks if net.prefixlen >= WIDEST[net.version]]
            by_password = by_password or not networks or len(narrow) < len(networks)
            named += narrow
        return cls(tuple(named), by_password)

    def name(self, host: str) -> bool:
        address = ipaddress.ip_address(host)
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.networks)


Current = Callable[[], TrunkAddresses | None]


class Peers:
    """Follows the trunks of the moment, the calls that are up, and who proved a password.

    Where nothing is known about the trunks (`current` gives None), everybody counts as one of them.
    `on_change` is called when somebody has become a peer.
    """

    def __init__(
        self, current: Current = lambda: None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._current = current
        self._clock = clock
        self._held: Counter[str] = Counter()
        self._proved: OrderedDict[str, float] = OrderedDict()
        self._judged_by: TrunkAddresses | None = None
        self._named: dict[str, bool] = {}

    def standing(self, host: str) -> Standing:
        if host in self._held:
            return Standing.ON_THE_LINE
        trunks = self._current()
        if trunks is None or self._is_named(host, trunks) or self._has_proved(host):
            return Standing.TRUNK
        return Standing.STRANGER if trunks.by_password else Standing.SHUT_OUT

    def hold(self, host: str) -> None:
        """A call or request with this address begins; `release` it once for each time."""
        self._held[host] += 1
        if self._held[host] == 1:
            self.on_change()

    def release(self, host: str) -> None:
        self._held[host] -= 1
        if self._held[host] <= 0:
            del self._held[host]

    def proved(self, host: str) -> None:
        """The address gave the password of a trunk."""
        self._proved[host] = self._clock()
        self._proved.move_to_end(host)
        if len(self._proved) > REMEMBERED:
            self._proved.popitem(last=False)
        self.on_change()

    def networks(self) -> tuple[Network, ...] | None:
        """All who are heard whatever strangers do; None where that is everybody. Of single
        addresses those of IPv4, which a filter in the kernel can tell apart."""
        trunks = self._current()
        if trunks is None:
            return None
        hosts = {*self._held, *(host for host in self._proved if self._has_proved(host))}
        single = (ipaddress.ip_network(host) for host in sorted(hosts) if ":" not in host)
        return (*trunks.networks, *single)

    def _is_named(self, host: str, trunks: TrunkAddresses) -> bool:
        if trunks is not self._judged_by or len(self._named) > REMEMBERED:
            self._judged_by, self._named = trunks, {}
        known = self._named.get(host)
        if known is None:
            known = self._named[host] = trunks.name(host)
        return known

    def _has_proved(self, host: str) -> bool:
        at = self._proved.get(host)
        return at is not None and self._clock() - at < PROVED_SECONDS
