"""Where sound may be sent: an address in an SDP is only what the other side says."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from sip.bridge.media.ports import Ports

Address = tuple[str, int]
IP = ipaddress.IPv4Address | ipaddress.IPv6Address

_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
    )
)
"""RFC 1918, RFC 6598 and RFC 4193."""

_NOWHERE = tuple(
    map(ipaddress.ip_network, ("0.0.0.0/8", "240.0.0.0/4", "::/96", "64:ff9b::/96", "2001::/32"))
)
"""No phone is there: this network, reserved, and IPv6 that only wraps an IPv4 address; 2002::/16 is
the last of these and found by its name."""


class MediaAddressError(ValueError):
    """Sound is never sent there; the text says why."""


def read_host(host: str) -> IP | None:
    """A literal address, IPv4 inside IPv6 taken out of it, or None: `127.1` and names are none."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        return None if found.scope_id else (found.ipv4_mapped or found)
    return found


def plain(host: str) -> str:
    """The one spelling of a host under which sources and descriptions are compared."""
    if ":" not in host:
        return host  # literal IPv4 has but one; this is asked for every packet
    found = read_host(host)
    return host if found is None else str(found)


def usable_address(host: str, port: int) -> Address | None:
    """A literal unicast address and a real port, or None: a name would be looked up inside sendto.

    `0.0.0.0` is the old way to say hold (RFC 3264 §8.4) and is no address to send to either.
    """
    address = read_host(host)
    if address is None or address.is_multicast or address.is_unspecified:
        return None
    if str(address) == "255.255.255.255":
        return None
    return (str(address), port) if 1024 <= port <= 65535 else None


@dataclass(frozen=True)
class Interfaces:
    """The addresses of this host, and the broadcast addresses of its networks."""

    own: frozenset[str]
    broadcast: frozenset[str]

    @classmethod
    def now(cls) -> Interfaces:
        every = [one for found in psutil.net_if_addrs().values() for one in found]
        return cls(
            frozenset(plain(one.address.partition("%")[0]) for one in every),
            frozenset(one.broadcast for one in every if one.broadcast),
        )


@dataclass(frozen=True)
class Ours:
    """This system: `bound` is where its sound leaves from, `ports` are those of its services."""

    bound: str = "127.0.0.1"
    advertised: str = ""
    ports: frozenset[int] = frozenset()
    rtp: Ports | None = None
    interfaces: Callable[[], Interfaces] = Interfaces.now
    also: Callable[[int], bool] = lambda port: False
    """Whether a port is a service's of another leg, which may come and go."""

    def has_port(self, address: Address) -> bool:
        """A telephone on this machine may hold a port of the RTP range; one that nobody holds will
        be a call's."""
        host, port = address
        if port in self.ports or self.also(port):
            return True
        if self.rtp is None or port not in self.rtp.range:
            return False
        return self.rtp.is_open(port) or not _is_taken(host, port)


def may_be_sent_to(told: Address, peer: str, ours: Ours) -> bool:
    """Whether sound may go there before anything was heard from there.

    False for a private address of a peer that is not private itself, and for the outer address of
    our own NAT: the phone is behind one, and where it is shows only when it speaks. `peer` is where
    the signalling came from. Raises MediaAddressError for addresses that no phone could mean.
    """
    host, caller = read_host(told[0]), read_host(peer)
    if host is None:
        raise MediaAddressError(f"{told[0]} is no address to send sound to")
    if host.version == 6 and ":" not in ours.bound:
        raise MediaAddressError(f"{host}: this leg has no IPv6 address")
    interfaces = ours.interfaces()
    _check_kind(host, caller, interfaces)
    mine = interfaces.own
    if str(host) in mine or host.is_loopback:
        if str(caller) not in mine and not (caller is not None and caller.is_loopback):
            raise MediaAddressError(f"{host} is an address of this system")
        if ours.has_port((str(host), told[1])):
            raise MediaAddressError(f"{host}:{told[1]} is a port of this system")
        return True
    return str(host) != plain(ours.advertised) and not _behind_nat(host, caller, ours)


def rtcp_address(sound: Address | None, port: int | None, ours: Ours) -> Address | None:
    """Where reports on the sound go that goes to `sound`: the port that the description names, else
    the one above (RFC 3605). None where that is no port of a phone."""
    if sound is None:
        return None
    address = usable_address(sound[0], port if port is not None else sound[1] + 1)
    return None if address is None or ours.has_port(address) else address


def _check_kind(host: IP, caller: IP | None, interfaces: Interfaces) -> None:
    kinds = (
        ("multicast", host.is_multicast),
        ("unspecified", host.is_unspecified),
        ("link-local", host.is_link_local),
        ("broadcast", str(host) in interfaces.broadcast),
        ("reserved", not host.is_loopback and _in(host, _NOWHERE)),
        ("reserved", isinstance(host, ipaddress.IPv6Address) and host.sixtofour is not None),
        ("loopback", host.is_loopback and not (caller is not None and caller.is_loopback)),
    )
    wrong = next((name for name, found in kinds if found), "")
    if wrong:
        raise MediaAddressError(f"{host} is a {wrong} address: no sound is sent there")


def _behind_nat(host: IP, caller: IP | None, ours: Ours) -> bool:
    bound = read_host(ours.bound)
    if bound is not None and bound.is_loopback:
        return True  # from there only loopback is reached
    return _in(host, _PRIVATE) and caller is not None and not _is_near(caller)


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _is_near(caller: IP) -> bool:
    return caller.is_loopback or caller.is_link_local or _in(caller, _PRIVATE)


def _in(host: IP, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    return any(host.version == network.version and host in network for network in networks)
