"""How soon a phone is heard, and how whole, on good lines and bad ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from sip.bridge.media.codecs.resample import WIDE_RATE
from sip.bridge.media.g711 import SAMPLE_RATE, Pcm
from sip.bridge.media.playout.pace import LONGEST, MOST
from sip.bridge.media.playout.playout import Playout
from tests.sip.bridge.media.playout.line import (
    START,
    Packet,
    delayed,
    heard,
    packets,
    quietest,
    wave,
    whole,
    worst_turn,
)

HZ = 300.0
TONE = wave(HZ)
WIDE_TONE = wave(HZ, WIDE_RATE)


@dataclass
class Line:
    """What became of a minute or so of a tone."""

    playout: Playout
    frames: list[Pcm | None] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)

    @property
    def silent(self) -> int:
        """Frames of nothing, without those before the first."""
        return sum(pcm is None for pcm in self.frames[6:])

    @property
    def pcm(self) -> Pcm:
        samples = next(len(pcm) for pcm in self.frames if pcm is not None)
        return whole(iter(self.frames[6:]), samples)


def over(coming: Iterator[Packet], seconds: float, codec: int = 0) -> Line:
    line = Line(Playout(WIDE_RATE if codec == 9 else SAMPLE_RATE))
    for pcm in heard(line.playout, coming, seconds, codec=codec):
        line.frames.append(pcm)
        line.delays.append(line.playout.delay)
    return line


def jitter(most: float, *, lost: float = 0.0, seed: int = 5) -> Callable[[int], float | None]:
    chance = random.Random(seed)
    return lambda index: None if chance.random() < lost else chance.random() * most


@pytest.mark.parametrize("codec", [0, 8, 9])
@pytest.mark.parametrize("packet_ms", [10, 20, 30, 40, 60])
def test_on_a_clean_line_nothing_waits_longer_than_it_must(codec: int, packet_ms: int) -> None:
    """Once it is heard that it is clean, nothing is kept beyond what the next packets bring."""
    tone = WIDE_TONE if codec == 9 else TONE
    line = over(packets(tone, 60, packet_ms=packet_ms, codec=codec), 59, codec)

    assert line.silent == 0
    assert line.playout.late == 0
    assert max(line.delays[-400:]) <= max(packet_ms - 20, 0) / 1000 + MOST - 0.004
    assert worst_turn(line.pcm, HZ, WIDE_RATE if codec == 9 else SAMPLE_RATE) < 0.08


@pytest.mark.parametrize("most", [0.005, 0.02, 0.04, 0.06])
def test_jitter_makes_it_wait_longer_and_is_not_heard(most: float) -> None:
    line = over(delayed(packets(TONE, 60), jitter(most)), 59)

    assert line.silent == 0
    assert line.playout.late <= 3
    assert max(line.delays) <= most + 2 * 0.02
    assert quietest(line.pcm[8 * 8000 :]) > 3000


@pytest.mark.parametrize("most", [0.1, 0.13, 0.16])
def test_it_does_not_wait_longer_than_its_limit(most: float) -> None:
    """However bad the line is; who has begun late is caught up with."""
    line = over(delayed(packets(TONE, 40), jitter(most)), 39)

    assert np.percentile(line.delays[500:], 95) <= LONGEST + 0.021


@pytest.mark.parametrize("burst", [10, 15, 25])
def test_what_a_phone_sends_ahead_of_time_is_heard_and_caught_up_with(burst: int) -> None:
    """Some send what they have kept while it rang all at once."""
    line = over(delayed(packets(TONE, 30), lambda index: max(0, burst - index) * 0.02), 29)

    assert line.silent <= burst
    assert line.delays[-1] < 0.021
    assert worst_turn(line.pcm[burst * 160 :], HZ) < 0.08


@pytest.mark.parametrize("most", [0.06, 0.1])
def test_what_was_needed_for_a_while_is_given_back_without_a_click(most: float) -> None:
    wild = jitter(most)
    line = over(
        delayed(packets(TONE, 150), lambda index: wild(index) if 500 < index < 1000 else 0.0), 149
    )

    assert max(line.delays[500:1100]) >= most - 0.021
    assert line.delays[-1] < 0.021
    assert worst_turn(line.pcm[22 * 8000 :], HZ) < 0.08
    assert quietest(line.pcm[22 * 8000 :]) > 4000


def test_delay_is_given_back_sooner_in_a_pause_of_the_voice() -> None:
    def voice(start: int, count: int) -> Pcm:
        return TONE(start, count) if start < 8 * 8000 else np.zeros(count, np.int16)

    line = over(delayed(packets(voice, 30), lambda index: 0.09 if index == 100 else 0.0), 29)

    assert max(line.delays[101:300]) >= 0.06
    assert line.delays[-1] < 0.021


@pytest.mark.parametrize(
    "lost", [{50}, {50, 51}, {50, 51, 52}, set(range(50, 500, 7)), set(range(60, 300, 2))]
)
def test_what_is_lost_is_concealed(lost: set[int]) -> None:
    """A voice goes on for up to 60 ms; nothing is a hole, and nothing waits longer for it."""
    line = over(delayed(packets(TONE, 15), lambda index: None if index in lost else 0.0), 14)

    assert line.silent == 0
    assert line.playout.late == 0
    assert max(line.delays) < 0.021
    assert np.abs(np.diff(line.pcm.astype(int))).max() < 3 * 8000 * 2 * np.pi * HZ / 8000


def test_a_long_hole_fades_and_ends_in_silence() -> None:
    lost = set(range(100, 150))
    line = over(delayed(packets(TONE, 10), lambda index: None if index in lost else 0.0), 9)

    assert 45 <= line.silent <= 47
    assert line.frames[-1] is not None


@pytest.mark.parametrize("of", [2, 3, 4])
def test_a_sender_of_several_packets_at_once_is_heard_whole(of: int) -> None:
    line = over(delayed(packets(TONE, 60), lambda index: (of - 1 - index % of) * 0.02), 59)

    assert line.silent == 0
    assert line.playout.late == 0
    assert line.delays[-1] <= of * 0.02


@pytest.mark.parametrize("every", [2, 3, 5])
def test_reordered_and_doubled_packets_are_heard_once_and_in_order(every: int) -> None:
    def line_twice() -> Iterator[Packet]:
        for packet in packets(TONE, 40):
            yield packet
            yield (packet[0] + 0.0001, *packet[1:])

    late = delayed(line_twice(), lambda index: 0.025 if index % (2 * every) == 0 else 0.0)
    line = over(late, 39)

    assert line.silent == 0
    assert worst_turn(line.pcm[15 * 8000 :], HZ) < 0.01


def test_packets_may_change_their_length_in_mid_call() -> None:
    def changing() -> Iterator[Packet]:
        at, place = START, 0
        for index in range(2000):
            length = (10, 60, 20, 30, 40, 50)[index // 50 % 6] * 8
            at += length / 8000
            yield (
                at,
                900 + place,
                next(packets(lambda s, n, p=place: TONE(p, n), 0.06, packet_ms=length // 8))[2],
            )
            place += length

    line = over(changing(), 60)

    assert line.silent == 0
    assert line.playout.late <= 2
    assert worst_turn(line.pcm[45 * 8000 :], HZ) < 0.08


@pytest.mark.parametrize("stands", [True, False])
@pytest.mark.parametrize("pause", [0.3, 1.0, 7.0])
def test_a_phone_that_sends_nothing_in_pauses_is_heard_from_its_first_word(
    pause: float, stands: bool
) -> None:
    """Its timestamps go on meanwhile, as RFC 3550 wants it, or stand still."""

    def talk() -> Iterator[Packet]:
        for turn in range(5):
            gap = turn * (2 + pause)
            for at, timestamp, payload in packets(TONE, 2, begin=int(1000 + turn * 16000)):
                yield at + gap, timestamp + (0 if stands else int(turn * pause * 8000)), payload

    line = over(talk(), 5 * (2 + pause))
    loud = sum(pcm is not None and np.abs(pcm.astype(int)).max() > 6000 for pcm in line.frames)

    assert 500 <= loud <= 500 + 5 * 2
    assert line.delays[-1] == 0.0


@pytest.mark.parametrize("jump", [-50_000, -5_000, 4_000, 100_000, 0x7FFF0000])
def test_a_jump_of_the_timestamps_costs_a_tenth_of_a_second_at_most(jump: int) -> None:
    def jumping() -> Iterator[Packet]:
        for index, (at, timestamp, payload) in enumerate(packets(TONE, 10)):
            yield at, (timestamp + (jump if index >= 250 else 0)) & 0xFFFFFFFF, payload

    line = over(jumping(), 9)

    assert line.silent <= 5
    assert line.delays[-1] < 0.021


@pytest.mark.parametrize("unheard", [0.6, 3.0, 30.0])
def test_what_came_while_nobody_listened_is_not_heard_late(unheard: float) -> None:
    """A phone that talks while it rings here, or while it is not let into the room."""
    playout = Playout()
    frames = []
    coming = packets(TONE, unheard + 5)
    for at, timestamp, payload in coming:
        playout.put(timestamp, payload, 0, at)
        if at > unheard:
            frames.append(playout.listen(at + 0.009))

    assert frames[1] is not None
    assert playout.delay < 0.021


def test_another_source_is_heard_at_once() -> None:
    playout = Playout()
    first = list(heard(playout, packets(TONE, 2), 2))
    playout.reset()
    then = list(heard(playout, packets(wave(700.0), 2, begin=123), 1.99))

    assert first[-1] is not None
    assert then[3] is not None
    assert worst_turn(whole(iter(then[5:])), 700.0) < 0.01
