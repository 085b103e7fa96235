"""An hour of a sender whose clock is not ours, without a click."""

from __future__ import annotations

import numpy as np
import pytest

from sip.bridge.media.g711 import FRAME, Pcm
from sip.bridge.media.playout.playout import Playout
from sip.bridge.room.tracks.track_queue import TrackQueue
from tests.sip.bridge.media.playout.line import (
    heard,
    heard_of_room,
    packets,
    quietest,
    wave,
    whole,
    worst_turn,
)

HOUR = 3600.0
SETTLED = 10
"""Frames before which a line begins."""


def assert_smooth(pcm: Pcm, hz: float, rate: int = 8000, loudness: int = 8000) -> None:
    """A tone that is one tone: its phase never jumps, it has no step and no hole."""
    steepest = loudness * 2 * np.pi * hz / rate
    assert worst_turn(pcm, hz, rate) < 0.06
    assert np.abs(np.diff(pcm.astype(np.int32))).max() < 1.1 * steepest + 300
    assert quietest(pcm, rate) > 0.8 * loudness / np.sqrt(2)


@pytest.mark.parametrize(("ppm", "hz"), [(200.0, 440.0), (-200.0, 1004.0)])
def test_a_phone_is_heard_without_a_click_for_an_hour(ppm: float, hz: float) -> None:
    playout = Playout()
    frames = list(heard(playout, packets(wave(hz), HOUR, ppm=ppm), HOUR - 2))[SETTLED:]

    assert all(pcm is not None for pcm in frames)
    assert playout.late == 0
    assert playout.delay < 0.03
    assert_smooth(whole(iter(frames)), hz)


@pytest.mark.parametrize("ppm", [200.0, -200.0])
def test_a_wide_phone_too(ppm: float) -> None:
    """G.722, whose decoder must be told all that was sent, in its order."""
    playout, tone = Playout(16000), wave(440.0, 16000)
    coming = packets(tone, 300, ppm=ppm, codec=9)
    frames = list(heard(playout, coming, 298, codec=9))[SETTLED:]

    assert all(pcm is not None for pcm in frames)
    assert_smooth(whole(iter(frames), 320), 440.0, 16000)


@pytest.mark.parametrize(("packet_ms", "ppm"), [(10, 350.0), (30, -120.0), (60, 200.0)])
def test_whatever_its_packets_are_like(ppm: float, packet_ms: int) -> None:
    playout = Playout()
    coming = packets(wave(620.0), 400, ppm=ppm, packet_ms=packet_ms, codec=0)
    frames = list(heard(playout, coming, 398))[SETTLED:]

    assert all(pcm is not None for pcm in frames)
    assert_smooth(whole(iter(frames)), 620.0)


@pytest.mark.parametrize("ppm", [200.0, -200.0])
@pytest.mark.parametrize(
    ("frame", "rate", "seconds"), [(FRAME, 8000, HOUR), (2 * FRAME, 16000, HOUR / 6)]
)
def test_the_room_is_heard_without_a_click_for_an_hour(
    ppm: float, frame: int, rate: int, seconds: float
) -> None:
    queue = TrackQueue(frame)
    coming = heard_of_room(queue, wave(440.0, rate), seconds, ppm=ppm, frame=frame)
    frames = list(coming)[SETTLED:]

    assert all(pcm is not None for pcm in frames)
    assert queue.delay < 0.03
    assert_smooth(whole(iter(frames), frame), 440.0, rate)
