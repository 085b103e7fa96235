"""The flood guard: rates an address and a side, pure, with the clock in the test's hand."""

from __future__ import annotations

import pytest

from sip.bridge.transport.guard import (
    MAX_SOURCES,
    STRANGER_CONNECTIONS,
    Allowance,
    Guard,
    Judgement,
    Limits,
    Rate,
)
from sip.bridge.transport.peers import Peers, TrunkAddresses

PASS, REFUSE, DROP = Judgement.PASS, Judgement.REFUSE, Judgement.DROP

TRUNK = "192.0.2.1"
OTHER_TRUNK = "192.0.2.2"
STRANGER = "203.0.113.9"
CALLED = "203.0.113.200"

EACH = Allowance(
    messages=Rate(100, 100), octets=Rate(10_000, 20_000), calls=Rate(2, 4), connections=3
)
LIMITS = Limits(
    peer=EACH,
    peers=EACH.together(4, 8),
    stranger=Allowance(Rate(10, 10), Rate(400, 800), Rate(1, 1), 1),
    strangers=Allowance(Rate(20, 20), Rate(800, 1600), Rate(2, 2), 5),
    refusals=Rate(1, 2),
)


def guard(*, by_password: bool = True) -> Guard:
    trunks = [["192.0.2.0/24"], []] if by_password else [["192.0.2.0/24"]]
    addresses = TrunkAddresses.of(trunks)
    return Guard(LIMITS, Peers(lambda: addresses))


def strangers(count: int) -> list[str]:
    return [f"198.51.{index >> 8}.{index & 255}" for index in range(count)]


def test_a_burst_of_calls_passes_then_some_are_told_then_silence() -> None:
    guarded = guard()

    judged = [guarded.call(TRUNK, 0.0) for _ in range(8)]

    assert judged == [PASS] * 4 + [REFUSE] * 2 + [DROP] * 2


def test_tokens_come_back_with_time() -> None:
    guarded = guard()
    for _ in range(8):
        guarded.call(TRUNK, 0.0)

    assert [guarded.call(TRUNK, 1.0) for _ in range(3)] == [PASS, PASS, REFUSE]


def test_one_address_does_not_spend_anothers() -> None:
    guarded = guard()
    for _ in range(8):
        guarded.call(TRUNK, 0.0)

    assert guarded.call(OTHER_TRUNK, 0.0) is PASS


def test_messages_have_a_rate_of_their_own() -> None:
    guarded = guard()
    read = [guarded.datagram(TRUNK, 1, 0.0) for _ in range(101)]

    assert read == [True] * 100 + [False]


def test_bytes_are_counted_whatever_they_are() -> None:
    """Two messages of ten thousand bytes are all that may come at once, though a hundred small ones
    could; a second later there is room for one more."""
    guarded = guard()
    read = [guarded.datagram(TRUNK, 10_000, 0.0) for _ in range(3)]
    later = [guarded.datagram(TRUNK, 10_000, 1.0) for _ in range(2)]

    assert read == [True, True, False]
    assert later == [True, False]


def test_what_is_refused_costs_nothing() -> None:
    """One message that is too long does not eat up what others of the address may send."""
    guarded = guard()
    read = [guarded.datagram(STRANGER, size, 0.0) for size in (5_000, 700)]

    assert read == [False, True]


def test_a_connection_is_read_again_when_its_debt_is_paid() -> None:
    """A stream cannot be refused what was read: 400 bytes a second make 4,800 wait ten seconds."""
    guarded = guard()
    waits = [guarded.stream(STRANGER, size, 1, 0.0) for size in (800, 4_000)]

    assert waits == [0.0, pytest.approx(10.0)]


def test_many_strangers_have_one_budget_and_leave_the_trunks_theirs() -> None:
    """However many addresses they come from; a trunk, and whoever is on the line, goes on."""
    guarded = guard()
    guarded.peers.hold(CALLED)
    read = sum(guarded.datagram(host, 300, 0.0) for host in strangers(500))

    assert read == 1600 // 300
    assert guarded.datagram(TRUNK, 300, 0.0)
    assert guarded.datagram(CALLED, 300, 0.0)


def test_a_flood_that_seems_to_come_from_a_trunk_leaves_calls_alone() -> None:
    """All of 192.0.2.0/24 is forged: together they have four times what one has, and the address
    that a call is with is counted by itself."""
    guarded = guard()
    guarded.peers.hold(OTHER_TRUNK)
    forged = [f"192.0.2.{index}" for index in range(10, 250)]
    read = sum(guarded.datagram(host, 1000, 0.0) for host in forged)

    assert read == 80
    assert guarded.datagram(OTHER_TRUNK, 1000, 0.0)


def test_calls_of_many_strangers_are_few() -> None:
    guarded = guard()
    judged = [guarded.call(host, 0.0) for host in strangers(20)]

    assert judged.count(PASS) == 2
    assert guarded.call(TRUNK, 0.0) is PASS


def test_a_stranger_has_one_connection_and_gets_another_after_it() -> None:
    guarded = guard()
    first, second = guarded.connect(STRANGER), guarded.connect(STRANGER)
    assert first is not None
    first.give_back()

    assert second is None
    assert guarded.connect(STRANGER) is not None


def test_connections_of_strangers_leave_room_for_trunks() -> None:
    guarded = guard()
    let_in = [guarded.connect(host) for host in strangers(50)]
    of_trunk = [guarded.connect(TRUNK) for _ in range(4)]

    assert sum(place is not None for place in let_in) == 5
    assert [place is not None for place in of_trunk] == [True, True, True, False]


def test_a_subscriber_of_ipv6_is_one_source() -> None:
    """Whoever has a /64 has more addresses than there are rates to give."""
    guarded = guard()
    places = [guarded.connect(host) for host in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")]

    assert [place is not None for place in places] == [True, False, True]


def test_a_longest_message_is_what_may_be_saved_up() -> None:
    """4 kB a second, so 8 kB; of a trunk, headers and a body with all its parts."""
    limits = Limits.of(calls=20, messages=500, octets=1_000_000, stranger_octets=4000)
    addresses = TrunkAddresses.of([["192.0.2.0/24"], []])
    guarded = Guard(limits, Peers(lambda: addresses))

    assert guarded.largest(STRANGER) == 8000
    assert guarded.largest(TRUNK) >= 64 * 1024 + 16 * 1024


def test_a_carriers_burst_of_calls_is_read() -> None:
    """Three hundred INVITEs of 3 kB, their ACKs and BYEs within a second from one address."""
    limits = Limits.of(calls=1000, messages=500, octets=1_000_000, stranger_octets=4000)
    addresses = TrunkAddresses.of([["192.0.2.0/24"]])
    guarded = Guard(limits, Peers(lambda: addresses))
    read = [guarded.datagram(TRUNK, size, 0.0) for size in [3000, 500, 500] * 300]

    assert all(read)


def test_strangers_get_a_tenth_of_what_a_trunk_gets_and_one_connection() -> None:
    limits = Limits.of(calls=20, messages=500, octets=1_000_000, stranger_octets=4000)

    assert limits.stranger.octets == Rate(4000, 8000)
    assert limits.stranger.connections == 1
    assert limits.strangers.octets.per_second == 40_000
    assert limits.strangers.connections == STRANGER_CONNECTIONS


def test_a_flood_is_reported_now_and_then() -> None:
    guarded = guard()

    reported = [guarded.worth_reporting(TRUNK, at) for at in (0.0, 1.0, 9.9, 10.0, 11.0)]

    assert reported == [True, False, False, True, False]


def test_a_flood_of_many_addresses_is_no_flood_of_records() -> None:
    guarded = guard()

    reported = sum(guarded.worth_reporting(host, 0.0) for host in strangers(1000))

    assert reported == 10


def test_forged_addresses_fill_no_memory_and_push_no_trunk_out() -> None:
    guarded = guard()
    for _ in range(8):
        guarded.call(TRUNK, 0.0)
    for host in strangers(MAX_SOURCES + 100):
        guarded.call(host, 0.0)

    assert guarded.sources == MAX_SOURCES + 1
    assert guarded.call(TRUNK, 0.0) is not PASS
