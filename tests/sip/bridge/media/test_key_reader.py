"""Which RFC 4733 packets are one key, as phones, gateways and relays really send them."""

from __future__ import annotations

import itertools
import random
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pytest

from sip.bridge.media.key_reader import KeyReader
from sip.bridge.media.packet import Packet

START = 8000
STEP = 160


@dataclass(frozen=True)
class Sent:
    """One packet of a key, and when it arrives."""

    code: int
    duration: int
    at: float
    sequence: int
    timestamp: int
    ended: bool = False
    ssrc: int = 7
    marker: bool = False

    @property
    def packet(self) -> Packet:
        payload = struct.pack("!BBH", self.code, (0x80 if self.ended else 0) | 10, self.duration)
        return Packet(101, self.sequence, self.timestamp, self.ssrc, payload, self.marker)


def press(code: int, *, at: float = 0.0, sequence: int = 1, packets: int = 8) -> list[Sent]:
    """As a good phone sends it: every 20 ms, the end three times, one timestamp."""
    timestamp = START + round(at * 8000)
    durations = [STEP * min(n + 1, packets) for n in range(packets + 2)]
    return [
        Sent(
            code,
            duration,
            at=at + 0.02 * index,
            sequence=(sequence + index) & 0xFFFF,
            timestamp=timestamp,
            ended=index >= packets - 1,
            marker=index == 0,
        )
        for index, duration in enumerate(durations)
    ]


def heard(sent: Iterable[Sent]) -> str:
    reader = KeyReader()
    keys = (reader.read(one.packet, one.at) for one in sent)
    return "".join(key for key in keys if key)


def moving(sent: list[Sent]) -> list[Sent]:
    """Every packet under a timestamp of its own."""
    return [replace(one, timestamp=one.timestamp + STEP * index) for index, one in enumerate(sent)]


def moving_ends(sent: list[Sent]) -> list[Sent]:
    """Only the copies of the end."""
    copies = len(sent) - 2
    return sent[:copies] + moving(sent)[copies:]


def moved_ssrc(sent: list[Sent]) -> list[Sent]:
    """A relay takes over in the middle: another source, other numbers, another clock."""
    half = len(sent) // 2
    return sent[:half] + [
        replace(one, ssrc=99, sequence=one.sequence + 30000, timestamp=one.timestamp + 777777)
        for one in sent[half:]
    ]


def without_end(sent: list[Sent]) -> list[Sent]:
    return [one for one in sent if not one.ended]


def only_end(sent: list[Sent]) -> list[Sent]:
    return [one for one in sent if one.ended]


def unmarked(sent: list[Sent]) -> list[Sent]:
    return [replace(one, marker=False) for one in sent]


def marked(sent: list[Sent]) -> list[Sent]:
    return [replace(one, marker=True) for one in sent]


def doubled(sent: list[Sent]) -> list[Sent]:
    return [one for one in sent for _ in range(2)]


def swapped(sent: list[Sent]) -> list[Sent]:
    """Neighbours overtake each other; they arrive when the others did."""
    pairs = [sent[index : index + 2] for index in range(0, len(sent), 2)]
    turned = [one for pair in pairs for one in reversed(pair)]
    return [replace(one, at=due.at) for one, due in zip(turned, sent, strict=True)]


def growing_ends(sent: list[Sent]) -> list[Sent]:
    """The copies of the end count on."""
    return [replace(one, duration=STEP * (index + 1)) for index, one in enumerate(sent)]


def third_lost(sent: list[Sent]) -> list[Sent]:
    return [one for index, one in enumerate(sent) if index % 3 != 1]


def first_late(sent: list[Sent]) -> list[Sent]:
    """The first packet comes after all the others."""
    return [*sent[1:], replace(sent[0], at=sent[-1].at + 0.01)]


def every_50_ms(sent: list[Sent]) -> list[Sent]:
    return [
        replace(
            one,
            at=sent[0].at + 0.05 * index,
            duration=400 * min(index + 1, len(sent) - 2),
            timestamp=one.timestamp + 240 * index * (one.timestamp != sent[0].timestamp),
        )
        for index, one in enumerate(sent)
    ]


Change = Callable[[list[Sent]], list[Sent]]
CHANGES: tuple[Change, ...] = (
    moving,
    moving_ends,
    moved_ssrc,
    without_end,
    unmarked,
    marked,
    doubled,
    swapped,
    third_lost,
    first_late,
)


COMBINATIONS = [*((one,) for one in CHANGES), *itertools.permutations(CHANGES, 2)]


@pytest.mark.parametrize("changes", COMBINATIONS, ids=lambda c: "+".join(f.__name__ for f in c))
def test_one_key_is_heard_once_whatever_is_done_to_its_packets(changes: tuple[Change, ...]) -> None:
    """Relays move timestamps or the source, networks lose, double and reorder: each alone, and two
    of them together."""
    sent = press(5, sequence=65530)
    for change in changes:
        sent = change(sent)

    assert heard(sent) == "5"


@pytest.mark.parametrize("change", [growing_ends, every_50_ms])
def test_the_end_is_no_further_key(change: Change) -> None:
    assert heard(change(press(5))) == "5"
    assert heard(moving(change(press(5)))) == "5"
    assert heard(change(moving(press(5)))) == "5"


def two_presses(code: int, other: int, pause: float) -> tuple[list[Sent], list[Sent]]:
    first = press(code, packets=4)
    at = first[3].at + 0.02 + pause
    return first, press(other, at=at, sequence=first[-1].sequence + 1 + int(pause > 0.1), packets=4)


@pytest.mark.parametrize("pause", [0.04, 0.06, 0.1, 0.5])
@pytest.mark.parametrize("change", [list, moving, moving_ends, without_end, unmarked, third_lost])
def test_two_quick_presses_of_a_key_are_two(change: Change, pause: float) -> None:
    """With a marker bit or without: the duration starts anew."""
    first, second = two_presses(5, 5, pause)

    in_order = sorted(change(first) + change(second), key=lambda one: (one.at, one.sequence))

    assert heard(in_order) == "55"


def test_two_presses_under_one_timestamp_are_two() -> None:
    """A sender whose clock stands still while keys are pressed."""
    first, second = two_presses(5, 5, 0.1)
    standing = [replace(one, timestamp=START) for one in second]

    assert heard(first + standing) == "55"
    assert heard(without_end(first) + without_end(standing)) == "55"


def test_of_two_presses_only_the_ends_may_arrive() -> None:
    """Any packet may be lost, and some carriers never set the marker bit."""
    first, second = two_presses(11, 11, 0.1)

    assert heard(only_end(first) + only_end(second)) == "##"


def test_packets_of_a_key_that_come_after_the_next_has_begun_are_its_own() -> None:
    """The copies of the end are late: sent late, or overtaken by the next key."""
    for code, other, change in itertools.product((5,), (5, 6), (list, moving, moving_ends)):
        first, second = change(press(code)), change(press(other, at=0.24, sequence=30))
        ends, late = first[-2:], second[:1] + first[-2:] + second[1:]
        overtaken = first[:-2] + [replace(one, at=0.25) if one in ends else one for one in late]

        assert heard(overtaken) == f"{code}{other}"


def test_ends_that_are_sent_after_the_next_key_has_begun_are_no_key() -> None:
    """Their sequence numbers are higher than those of the key that has begun."""
    first, second = press(5), press(5, at=0.24, sequence=9)
    late = [replace(one, sequence=10 + n, at=0.245 + n / 100) for n, one in enumerate(first[-2:])]
    rest = [replace(one, sequence=one.sequence + 2) for one in second[1:]]

    assert heard(first[:-2] + second[:1] + late + rest) == "55"


def long_press(seconds: float, *, sent_under: Callable[[int], tuple[int, int]]) -> list[Sent]:
    """`sent_under` gives timestamp and duration of what has lasted so many samples."""
    count = round(seconds * 50)
    return [
        Sent(9, duration, at=index * 0.02, sequence=(65000 + index) & 0xFFFF, timestamp=timestamp)
        for index in range(count)
        for timestamp, duration in [sent_under(STEP * (index + 1))]
    ]


@pytest.mark.parametrize(
    "sent_under",
    [
        pytest.param(
            lambda n: (START + 0xFFFF * ((n - 1) // 0xFFFF), (n - 1) % 0xFFFF + 1), id="RFC 4733"
        ),
        pytest.param(lambda n: (START, n & 0xFFFF), id="overflows"),
        pytest.param(lambda n: (START, min(n, 0xFFFF)), id="stays at its most"),
        pytest.param(lambda n: (START + n, n & 0xFFFF), id="moving and overflowing"),
    ],
)
def test_a_key_held_for_long_is_still_one_key(sent_under: Callable[[int], tuple[int, int]]) -> None:
    """After 0xFFFF samples the event goes on under a new timestamp (RFC 4733 §2.5.1.3); not every
    phone knows."""
    sent = long_press(20, sent_under=sent_under)

    assert heard(sent) == "9"
    assert heard(third_lost(sent)) == "9"


def test_the_last_packet_of_a_segment_may_be_lost() -> None:
    """Even half a second of them."""
    end_of_first = [Sent(9, 160 * n, 0.02 * n, n, START) for n in range(1, 390)]
    second = [Sent(9, 800, 8.29, 414, START + 0xFFFF), Sent(9, 960, 8.31, 415, START + 0xFFFF)]

    assert heard(end_of_first + second) == "9"


def test_a_number_pressed_quickly_is_heard_key_by_key() -> None:
    """40 ms of sound and 40 ms of pause each, over a network that loses every fifth packet."""
    chance = random.Random(7)
    for change in (list, moving, moving_ends, unmarked):
        number = [chance.randrange(10) for _ in range(200)]
        sent: list[Sent] = []
        for index, code in enumerate(number):
            packets = change(press(code, at=index * 0.14, sequence=1 + 9 * index, packets=4))
            kept = [one for one in packets if chance.random() > 0.2]
            sent += kept or packets[:1]

        in_order = sorted(sent, key=lambda one: one.at)

        assert heard(in_order) == "".join(map(str, number))


def test_events_that_are_no_keys_are_left_out() -> None:
    """Flash is 16; and a packet may be cut short."""
    reader = KeyReader()

    assert reader.read(press(16)[0].packet, 0.0) is None
    assert reader.read(Packet(101, 2, START, 7, b"\x01"), 0.1) is None
