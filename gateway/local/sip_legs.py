"""Where each of several SIP legs listens: every one has a region of ports of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.local.address import Address

FIRST = "sip"
"""The service that is the first leg, or the only one."""
MOST = 8
STEP = 10
"""Each leg's ports of SIP, TLS and health are so many above those of the one before."""
LEAST_PORTS = 20
"""RTP and RTCP of ten calls: a leg with less is a mistake."""


@dataclass(frozen=True)
class SipLegPlace:
    """`name` is its service's: `sip`, and `sip-2`, `sip-3` for the others; `called` what it is
    called among the legs on one Redis, mostly the same."""

    name: str
    called: str
    sip: Address
    health: Address
    tls: Address | None
    rtp: tuple[int, int]

    @property
    def addresses(self) -> Iterator[Address]:
        yield from (self.sip, self.health)
        if self.tls is not None:
            yield self.tls


def sip_legs(count: int, first: SipLegPlace) -> tuple[SipLegPlace, ...]:
    """`first` is the only one's; several share its RTP ports, in regions of one size that begin
    with an even port (RFC 3550 §11). `problems` says whether that can be."""
    if count == 1:
        return (first,)
    low, high = first.rtp
    low += low % 2
    each = (high - low + 1) // count // 2 * 2
    return tuple(
        SipLegPlace(
            _numbered(first.name, n),
            _numbered(first.called, n),
            _above(first.sip, n),
            _above(first.health, n),
            None if first.tls is None else _above(first.tls, n),
            (low + n * each, low + (n + 1) * each - 1),
        )
        for n in range(count)
    )


def problems(legs: tuple[SipLegPlace, ...], others: Iterable[tuple[str, int]]) -> list[str]:
    """Why these legs cannot run beside each other and beside `others`, each a setting's name and
    its port: a sentence for each thing in the way. One leg alone has no such problem."""
    if len(legs) == 1:
        return []
    found = []
    first, last = legs[0].rtp
    if last - first + 1 < LEAST_PORTS:
        said = f"leaves {max(0, last - first + 1)} to each of {len(legs)} SIP legs"
        found.append(f"SWITCHBOARD_RTP_PORTS: {said}, and {LEAST_PORTS} are the least")
    taken = {port: name for name, port in others}
    taken |= {port: "the RTP ports" for leg in legs for port in range(leg.rtp[0], leg.rtp[1] + 1)}
    for leg in legs:
        for address in leg.addresses:
            port = address.port
            if port > 65535:
                found.append(f"SIP leg {leg.name} would listen at {port}, which is not a port")
            elif port in taken:
                found.append(f"SIP leg {leg.name} would listen at {port}, which is {taken[port]}")
            taken[port] = f"that of SIP leg {leg.name}"
    return found


def is_leg(service: str) -> bool:
    """Whether a service of this name is a SIP leg."""
    return service == FIRST or service.startswith(f"{FIRST}-")


def _numbered(name: str, before: int) -> str:
    return f"{name}-{before + 1}" if before else name


def _above(address: Address, legs: int) -> Address:
    return Address(address.host, address.port + legs * STEP)
