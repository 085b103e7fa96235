"""From a host of a URI to the addresses that a request is sent to (RFC 3263 §4)."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterable
from dataclasses import dataclass

from sip.bridge.carriers.records import Records, Srv
from sip.bridge.transport.flow import Address

DEFAULT_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}
SERVICES = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}
NAPTR_SERVICES = {"SIP+D2U": "udp", "SIP+D2T": "tcp"}
"""TLS is for who asks for it by name: nobody is to be verified by what the DNS says of them."""

MOST_HOPS = 10


class NotFoundError(LookupError):
    """No address; the text says of what."""


@dataclass(frozen=True)
class Place:
    """A host as somebody has named it. `transport` is empty where any will do."""

    host: str
    port: int | None = None
    transport: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


@dataclass(frozen=True)
class Hop:
    """An address to send to. Its port is known."""

    address: Address
    transport: str

    def __str__(self) -> str:
        return str(Place(*self.address))


async def hops(place: Place, records: Records, rng: random.Random) -> list[Hop]:
    """In the order in which they are to be tried. Raises NotFoundError."""
    transport = place.transport or "udp"
    if _is_literal(place.host):
        return [Hop((place.host, place.port or DEFAULT_PORTS[transport]), transport)]
    if place.port is not None:
        return await _of_host(place.host, place.port, transport, records)
    for transport, name in await _services(place, records):
        servers = await records.srv(name)
        if servers and all(not server.target for server in servers):
            raise NotFoundError(f"{place.host} has no SIP by {transport}")
        found = await _of_servers(by_weight(servers, rng), transport, records)
        if found:
            return found
    transport = place.transport or "udp"
    return await _of_host(place.host, DEFAULT_PORTS[transport], transport, records)


def by_weight(servers: Iterable[Srv], rng: random.Random) -> list[Srv]:
    """By priority, and among equals by lot: who has more weight comes first more often."""
    left = sorted(
        (one for one in servers if one.target), key=lambda one: (one.priority, one.weight)
    )
    ordered: list[Srv] = []
    while left:
        equals = [one for one in left if one.priority == left[0].priority]
        lot = rng.uniform(0, sum(one.weight for one in equals))
        for chosen in equals:
            lot -= chosen.weight
            if lot <= 0:
                break
        ordered.append(chosen)
        left.remove(chosen)
    return ordered


async def _services(place: Place, records: Records) -> list[tuple[str, str]]:
    """Transports with the names of their SRV records (§4.1)."""
    if place.transport:
        return [(place.transport, f"{SERVICES[place.transport]}.{place.host}")]
    known = [
        (NAPTR_SERVICES[one.service.upper()], one.replacement)
        for one in sorted(
            await records.naptr(place.host), key=lambda one: (one.order, one.preference)
        )
        if one.flags.lower() == "s" and one.service.upper() in NAPTR_SERVICES
    ]
    return known or [(name, f"{SERVICES[name]}.{place.host}") for name in ("udp", "tcp")]


async def _of_servers(servers: list[Srv], transport: str, records: Records) -> list[Hop]:
    found: list[Hop] = []
    for server in servers[:MOST_HOPS]:
        addresses = await records.addresses(server.target)
        found += (Hop((address, server.port), transport) for address in addresses)
    return list(dict.fromkeys(found))[:MOST_HOPS]


async def _of_host(host: str, port: int, transport: str, records: Records) -> list[Hop]:
    addresses = await records.addresses(host)
    if not addresses:
        raise NotFoundError(f"{host} has no address")
    return [Hop((address, port), transport) for address in dict.fromkeys(addresses)][:MOST_HOPS]


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
