"""Typed tones are no part of what the room hears, and a key is counted once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sip.bridge.media.codecs.encoder import encoder
from sip.bridge.media.codecs.resample import WIDE_RATE
from sip.bridge.media.g711 import SAMPLE_RATE, Pcm
from sip.bridge.media.playout.playout import Playout
from sip.bridge.media.tones.filter import ToneFilter
from sip.bridge.media.tones.pressed_once import TOGETHER_SECONDS, PressedOnce, Way
from tests.sip.bridge.media.tones.keypad import Keypad


def through(pcm: Pcm, rate: int, step: int) -> tuple[Pcm, str]:
    sieve = ToneFilter(rate)
    parts, keys = [], ""
    for at in range(0, len(pcm), step):
        left, more = sieve.through(pcm[at : at + step])
        parts.append(left)
        keys += more
    return np.concatenate(parts), keys


@pytest.mark.parametrize("rate", [SAMPLE_RATE, WIDE_RATE])
@pytest.mark.parametrize("step_ms", [5, 20, 30])
@pytest.mark.parametrize("keypad", [Keypad(), Keypad(on=0.04, off=0.04), Keypad(on=0.5, off=0.3)])
def test_nothing_of_a_tone_is_left(keypad: Keypad, step_ms: int, rate: int) -> None:
    """Not its first milliseconds, by which it could be known, and not its end."""
    for shift in range(5):
        pad = Keypad(on=keypad.on, off=keypad.off, rate=rate, before=0.05 + shift * 0.003)
        left, keys = through(pad.press("4711#0"), rate, step_ms * rate // 1000)

        assert keys == "4711#0"
        assert np.abs(left).max() < 100


@pytest.mark.parametrize("rate", [SAMPLE_RATE, WIDE_RATE])
def test_all_else_is_heard_20_ms_later_as_it_was(rate: int) -> None:
    said = (np.random.default_rng(2).standard_normal(rate) * 4000).astype(np.int16)
    left, keys = through(said, rate, rate // 50)

    assert keys == ""
    assert np.array_equal(left[rate // 50 :], said[: -rate // 50])


@pytest.mark.parametrize("codec", [0, 8, 9])
@pytest.mark.parametrize("packet_ms", [10, 20, 30, 60])
@pytest.mark.parametrize("lost", [frozenset(), frozenset({7, 19})])
def test_keys_are_heard_across_packets(codec: int, packet_ms: int, lost: frozenset[int]) -> None:
    """Of any length, some of them lost: a tone goes on where a packet is missing."""
    rate = WIDE_RATE if codec == 9 else SAMPLE_RATE
    pcm = Keypad(on=0.12, off=0.1, rate=rate).press("1234567890*#")
    playout, keys = Playout(rate), list[str]()
    playout.listen_for_tones(True)
    playout.on_key = keys.append
    encode, samples = encoder(codec, rate), packet_ms * rate // 1000
    packets = [encode(pcm[at : at + samples]) for at in range(0, len(pcm), samples)]
    left, sent = [], 0
    for tick in range(len(pcm) * 50 // rate + 20):
        while sent < len(packets) and (sent + 1) * packet_ms / 1000 <= tick * 0.02:
            if packet_ms > 20 or sent not in lost:
                at = (sent + 1) * packet_ms / 1000
                playout.put(sent * packet_ms * 8, packets[sent], codec, at)
            sent += 1
        left.append(playout.listen(tick * 0.02 + 0.007))

    assert "".join(keys) == "1234567890*#"
    assert max(int(np.abs(one.astype(int)).max()) for one in left if one is not None) < 150


WAYS: tuple[Way, ...] = ("event", "tone", "info")


@pytest.mark.parametrize("ways", [*itertools.permutations(WAYS, 2), WAYS, WAYS[::-1]])
@pytest.mark.parametrize("apart", [0.0, 0.06, 0.4])
def test_a_key_that_comes_in_several_ways_counts_once(ways: tuple[Way, ...], apart: float) -> None:
    once, counted = PressedOnce(), ""
    came = [
        (index * 0.15 + later * apart, way, key)
        for index, key in enumerate("11223344")
        for later, way in enumerate(ways)
    ]
    for now, way, key in sorted(came):
        counted += key if once.counts(key, way, now) else ""

    assert counted == "11223344"


def test_a_key_that_comes_one_way_counts_each_time() -> None:
    once = PressedOnce()

    assert all(once.counts("5", "tone", at * 0.1) for at in range(10))
    assert once.counts("5", "event", 5.0 + TOGETHER_SECONDS)
