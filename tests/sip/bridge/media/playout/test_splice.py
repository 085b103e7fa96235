"""Sound cut so that nobody hears where."""

from __future__ import annotations

import numpy as np
import pytest

from sip.bridge.media.g711 import Pcm
from sip.bridge.media.playout.splice import Cut, lengthened, shortened
from tests.sip.bridge.media.playout.line import wave, worst_turn

RATES = [8000, 16000]
PITCHES = [110.0, 187.0, 440.0, 1004.0, 2750.0]


def noise(samples: int, loudness: float, seed: int = 3) -> Pcm:
    made = np.random.default_rng(seed).standard_normal(samples) * loudness
    return np.asarray(made, np.int16)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hz", PITCHES)
def test_a_tone_is_shorter_by_whole_periods(hz: float, rate: int) -> None:
    frame = rate // 50
    pcm = wave(hz, rate)(0, 2 * frame)
    cut = shortened(pcm, frame, rate)
    assert cut is not None

    assert len(cut.pcm) - len(pcm) == cut.longer
    assert -frame <= cut.longer < 0
    after = wave(hz, rate)(2 * frame, 6 * frame)
    assert worst_turn(np.concatenate((cut.pcm, after)), hz, rate) < 0.06


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hz", PITCHES)
def test_a_tone_is_longer_by_whole_periods(hz: float, rate: int) -> None:
    """By as much as is wanted, or more."""
    frame = rate // 50
    tone = wave(hz, rate)
    before, pcm = tone(0, 2 * frame), tone(2 * frame, frame)
    cut = lengthened(before, pcm, frame, rate)
    assert cut is not None
    heard = np.concatenate((before, cut.pcm, tone(3 * frame, 3 * frame)))

    assert cut.longer == len(cut.pcm) - len(pcm)
    assert cut.longer >= frame
    assert worst_turn(heard, hz, rate) < 0.06


@pytest.mark.parametrize("most", [7, 40, 160])
def test_a_pause_is_cut_by_just_what_is_wanted(most: int) -> None:
    quiet = noise(320, 30)
    less, more = shortened(quiet, most), lengthened(quiet, noise(160, 30), 80 + most)
    assert less is not None
    assert more is not None

    assert (less.longer, more.longer) == (-most, 80 + most)


def test_what_is_like_nothing_before_is_left_whole_unless_it_must_be_cut() -> None:
    sound = noise(320, 5000)
    cut = shortened(sound, 160, anyhow=True)

    assert shortened(sound, 160) is None
    assert lengthened(sound, noise(160, 3000, seed=4), 160) is None
    assert isinstance(cut, Cut)
    assert np.abs(cut.pcm).max() <= np.abs(sound).max()


@pytest.mark.parametrize("samples", [0, 50, 159])
def test_with_too_little_before_nothing_is_said_again(samples: int) -> None:
    assert lengthened(noise(samples, 20), noise(160, 20), 160) is None
