"""Where a request came from, and which addresses are one visitor's."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

THIS_MACHINE = "127.0.0.0/8 ::1/128"


def networks(text: str) -> tuple[Network, ...]:
    """`10.0.0.5 192.168.1.0/24`; raises ValueError for what is neither address nor network."""
    return tuple(
        ipaddress.ip_network(word, strict=False) for word in text.replace(",", " ").split()
    )


def client_ip(scope: Any, proxies: Iterable[Network]) -> str:
    """The peer, or whom a proxy of ours names: the last address in X-Forwarded-For that is not a
    proxy itself. What stands before it anybody could have written."""
    client = scope.get("client")
    peer = str(client[0])[:64] if client else ""
    known = tuple(proxies)
    found = _address(peer)
    if found is None or not _among(found, known):
        return peer
    for hop in reversed(_forwarded(scope)):
        address = _address(hop)
        if address is None:
            break
        found = address
        if not _among(address, known):
            break
    return str(found)


def visitor(ip: str) -> str:
    """Whose tries are counted together. A line to the internet has a /64 of IPv6 for itself
    (RFC 6177), and an IPv4 address may be written as an IPv6 one."""
    address = _address(ip)
    if address is None:
        return ip
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _forwarded(scope: Any) -> list[str]:
    lines = [v.decode("latin-1") for n, v in scope.get("headers", ()) if n == b"x-forwarded-for"]
    return [hop.strip() for hop in ",".join(lines).split(",") if hop.strip()]


def _address(text: str) -> Address | None:
    """Also `[2001:db8::1]:443` and `192.0.2.1:443`, as some proxies write them."""
    bare = text.strip().partition("%")[0]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _among(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == n.version and address in n for n in networks)
