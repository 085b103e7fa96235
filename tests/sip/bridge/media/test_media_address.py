"""Where an SDP may point our sound."""

from __future__ import annotations

import socket

import pytest

from sip.bridge.media.address import Interfaces, MediaAddressError, Ours, may_be_sent_to, plain
from sip.bridge.media.ports import Ports
from sip.bridge.runtime.port_range import PortRange
from tests.stack.free_ports import free_udp_range

PUBLIC = "198.51.100.7"
LAN = "192.168.1.20"
OWN = "203.0.113.10"

OURS = Ours(
    bound="0.0.0.0",
    advertised="198.18.0.1",
    ports=frozenset({5060, 6389, 7882}),
    interfaces=lambda: Interfaces(frozenset({OWN, "127.0.0.1", "::1"}), frozenset({"10.0.0.255"})),
)
SIX = Ours(bound="::", interfaces=OURS.interfaces)


@pytest.mark.parametrize(
    ("told", "peer"),
    [
        (PUBLIC, PUBLIC),
        ("203.0.113.99", PUBLIC),
        (PUBLIC, LAN),
        (LAN, LAN),
        ("10.8.0.3", LAN),
        (LAN, "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.9", "127.0.0.1"),
        ("127.0.0.1", "::ffff:127.0.0.1"),
        (OWN, OWN),
        (OWN, "127.0.0.1"),
        ("100.64.1.1", "100.64.9.9"),
    ],
)
def test_a_phone_is_sent_to_where_it_says(told: str, peer: str) -> None:
    """Also where a proxy or PBX signals for it, and on this machine for one on this machine."""
    assert may_be_sent_to((told, 40000), peer, OURS)


@pytest.mark.parametrize("told", [LAN, "10.1.2.3", "172.16.9.9", "100.64.1.1", "198.18.0.1"])
def test_a_private_address_of_a_public_peer_waits_for_the_phone(told: str) -> None:
    """RFC 1918 and RFC 6598; and our own outer address, behind which the phone may be as well."""
    assert not may_be_sent_to((told, 40000), PUBLIC, OURS)


@pytest.mark.parametrize("told", ["fd00::9", "fc00::1"])
def test_a_private_address_of_ipv6_waits_too(told: str) -> None:
    assert not may_be_sent_to((told, 40000), "2001:db8::1", SIX)


@pytest.mark.parametrize(
    ("told", "peer"),
    [
        ("127.0.0.1", PUBLIC),
        ("127.9.9.9", LAN),
        ("127.0.0.1", OWN),
        (OWN, PUBLIC),
        (OWN, LAN),
        ("169.254.169.254", PUBLIC),
        ("169.254.1.1", "169.254.1.1"),
        ("224.0.0.1", PUBLIC),
        ("239.255.255.255", "127.0.0.1"),
        ("255.255.255.255", PUBLIC),
        ("10.0.0.255", "10.0.0.1"),
        ("0.0.0.0", PUBLIC),
        ("0.1.2.3", PUBLIC),
        ("240.0.0.1", PUBLIC),
        ("::ffff:127.0.0.1", PUBLIC),
        ("::ffff:169.254.169.254", PUBLIC),
        ("::ffff:7f00:1", PUBLIC),
        ("127.1", PUBLIC),
        ("2130706433", PUBLIC),
        ("0x7f.0.0.1", PUBLIC),
        ("127.0.0.01", PUBLIC),
        ("localhost", PUBLIC),
        ("2001:db8::1", PUBLIC),
        ("", PUBLIC),
    ],
)
def test_where_no_phone_can_be_nothing_is_sent_whatever_the_spelling(told: str, peer: str) -> None:
    with pytest.raises(MediaAddressError):
        may_be_sent_to((told, 40000), peer, OURS)


@pytest.mark.parametrize(
    "told",
    [
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
        "::",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
    ],
)
def test_nor_to_addresses_of_ipv6_that_mean_the_same(told: str) -> None:
    with pytest.raises(MediaAddressError):
        may_be_sent_to((told, 40000), "2001:db8::1", SIX)


@pytest.mark.parametrize("port", [5060, 6389, 7882])
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", OWN])
def test_ports_of_our_own_services_are_no_phones(host: str, port: int) -> None:
    """Not even for a peer on this machine; elsewhere they are ports like any other."""
    with pytest.raises(MediaAddressError, match="a port of this system"):
        may_be_sent_to((host, port), "127.0.0.1", OURS)

    assert may_be_sent_to((PUBLIC, port), PUBLIC, OURS)


def test_a_port_of_a_call_is_no_phones_but_one_that_a_local_phone_holds_is() -> None:
    """Of the range of the RTP ports: those of calls, and those that nobody holds yet."""
    low, high = free_udp_range(8)
    ports = Ports("127.0.0.1", PortRange(low, low + 1))
    bound, of_a_call = ports.open()
    ports.range = PortRange(low, high)
    ours = Ours(rtp=ports)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", low + 4))
        local = may_be_sent_to(("127.0.0.1", low + 4), "127.0.0.1", ours)
    refused = []
    for port in (of_a_call, low + 2, high):
        try:
            may_be_sent_to(("127.0.0.1", port), "127.0.0.1", ours)
        except MediaAddressError:
            refused.append(port)
    bound.close()

    assert local
    assert refused == [of_a_call, low + 2, high]


def test_from_loopback_only_loopback_is_reached() -> None:
    """A leg that listens there alone waits until the phone has been heard."""
    assert not may_be_sent_to((LAN, 40000), "127.0.0.1", Ours(bound="127.0.0.1"))


def test_an_address_has_one_spelling() -> None:
    """Sources of a socket of IPv6 are written as mapped addresses."""
    assert plain("::ffff:192.0.2.1") == "192.0.2.1"
    assert plain("2001:DB8:0:0::1") == "2001:db8::1"
    assert plain("phone.example") == "phone.example"


def test_the_addresses_of_this_machine_are_known() -> None:
    assert "127.0.0.1" in Interfaces.now().own
