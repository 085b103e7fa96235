"""Whom the kernel drops for us: decided here, and carried out by a filter on the socket."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator

import pytest

from sip.bridge.transport.blocklist import (
    ALL_TOO_MANY,
    MOST_NAMED,
    PEER_SHUT_SECONDS,
    PEER_TOO_MANY,
    STRANGER_SHUT_SECONDS,
    STRANGER_TOO_MANY,
    Blocklist,
    Shut,
)
from sip.bridge.transport.socket_filter import MOST_INSTRUCTIONS, attach, detach, dropped, program

HERE = "127.0.0.1"
PEER, STRANGER, FLOODER = "127.0.8.1", "127.0.9.1", "127.0.9.2"


def away(
    blocklist: Blocklist, host: str, times: int, *, now: float = 0.0, peer: bool = False
) -> list[bool]:
    return [blocklist.turned_away(host, now, peer=peer) for _ in range(times)]


def test_who_is_turned_away_too_often_is_shut_out_for_a_while() -> None:
    blocklist = Blocklist()
    told = away(blocklist, FLOODER, STRANGER_TOO_MANY + 5)

    assert told.count(True) == 1
    assert blocklist.shut(0.0) == Shut(frozenset({FLOODER}))
    assert blocklist.next_change(0.5) == pytest.approx(STRANGER_SHUT_SECONDS - 0.5)
    assert not blocklist.shut(STRANGER_SHUT_SECONDS)


def test_now_and_then_is_not_too_often() -> None:
    """Nineteen a window, whatever the number of windows."""
    blocklist = Blocklist()
    told = [away(blocklist, FLOODER, STRANGER_TOO_MANY - 1, now=at / 8) for at in range(50)]

    assert not any(map(any, told))
    assert not blocklist.shut(5.0)


def test_a_peer_has_to_be_much_worse_and_is_back_sooner() -> None:
    blocklist = Blocklist()
    away(blocklist, PEER, PEER_TOO_MANY - 1, peer=True)
    before = blocklist.shut(0.0)
    away(blocklist, PEER, 1, peer=True)

    assert not before
    assert blocklist.shut(0.0) == Shut(frozenset({PEER}))
    assert not blocklist.shut(PEER_SHUT_SECONDS)


def test_strangers_of_too_many_addresses_are_shut_out_together() -> None:
    """Forged addresses come once each, so none of them can be named."""
    blocklist = Blocklist()
    told = [blocklist.turned_away(f"127.9.{n}.1", 0.0, peer=False) for n in range(ALL_TOO_MANY)]

    assert told == [False] * (ALL_TOO_MANY - 1) + [True]
    assert blocklist.shut(0.0).everybody


def test_more_names_than_a_filter_should_hold_are_everybody() -> None:
    blocklist = Blocklist()
    for n in range(MOST_NAMED + 2):
        away(blocklist, f"127.9.{n}.1", STRANGER_TOO_MANY, now=n * 0.02)

    assert blocklist.shut(1.4).everybody


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind((HERE, 0))
        made.setblocking(False)
        yield made


def heard(listening: socket.socket, hosts: list[str]) -> list[str]:
    """Which of these got through to the socket."""
    for host in hosts:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind((host, 0))
            sender.sendto(b"x", listening.getsockname())
    found = []
    while True:
        try:
            found.append(listening.recvfrom(16)[1][0])
        except BlockingIOError:
            return found


ALL = [HERE, PEER, STRANGER, FLOODER]
NETWORKS = [ipaddress.ip_network("127.0.8.0/24"), ipaddress.ip_network(f"{HERE}/32")]


@pytest.mark.parametrize(
    ("shut", "through"),
    [
        (Shut(), ALL),
        (Shut(frozenset({FLOODER})), [HERE, PEER, STRANGER]),
        (Shut(everybody=True), [HERE, PEER]),
        (Shut(frozenset({PEER}), everybody=True), [HERE]),
    ],
    ids=["nobody", "one", "all strangers", "a peer too"],
)
def test_the_kernel_drops_who_is_shut_out(
    listening: socket.socket, shut: Shut, through: list[str]
) -> None:
    """And counts them."""
    took = attach(listening, program(shut, NETWORKS))

    assert took
    assert heard(listening, ALL) == through
    assert dropped(listening) == len(ALL) - len(through)


def test_everybody_is_heard_again_without_the_filter(listening: socket.socket) -> None:
    attach(listening, program(Shut(everybody=True), []))
    nobody = heard(listening, ALL)
    detach(listening)
    detach(listening)

    assert nobody == []
    assert heard(listening, ALL) == ALL


def test_a_connection_of_who_is_shut_out_is_never_made() -> None:
    with socket.socket() as listening:
        listening.bind((HERE, 0))
        attach(listening, program(Shut(everybody=True), NETWORKS))
        listening.listen()
        at = listening.getsockname()
        peer = socket.create_connection(at, source_address=(PEER, 0))
        with peer, socket.socket() as stranger:
            stranger.bind((STRANGER, 0))
            stranger.settimeout(0.2)
            with pytest.raises(TimeoutError):
                stranger.connect(at)


def test_a_plan_of_more_networks_than_a_filter_holds_has_none(listening: socket.socket) -> None:
    """Then what is turned away is read and thrown away."""
    many = [ipaddress.ip_network(f"10.{n >> 8}.{n & 255}.0/24") for n in range(MOST_INSTRUCTIONS)]

    assert not attach(listening, program(Shut(everybody=True), many))
    assert heard(listening, ALL) == ALL


def test_networks_of_ipv6_are_no_part_of_a_filter_for_ipv4() -> None:
    assert len(program(Shut(everybody=True), [ipaddress.ip_network("2001:db8::/32")])) == 1
