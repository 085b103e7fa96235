"""The ear for a voice that no recogniser understands."""

from __future__ import annotations

import numpy as np
import pytest

from sip.phone.audio import Samples
from tests.stack.likeness import SAME, likeness

RATE = 8000


def voice(seed: int, seconds: float = 2.0) -> Samples:
    """Noise of the band of a voice, that comes and goes."""
    noise = np.random.default_rng(seed).normal(0, 1, round(seconds * RATE))
    smooth = np.convolve(noise, np.ones(5) / 5, "same")
    syllables = 0.2 + np.abs(np.sin(np.arange(len(smooth)) / RATE * 2 * np.pi * 2))
    return np.asarray(smooth * syllables * 4000, np.int16)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.int16)


@pytest.mark.parametrize("loudness", [0.2, 1.0])
def test_a_sentence_is_found_among_others_however_loud(loudness: float) -> None:
    heard = np.concatenate([voice(1), silence(0.3), voice(2), voice(3)])
    noisy = heard * loudness + np.random.default_rng(9).normal(0, 60, len(heard))

    assert likeness(noisy.astype(np.int16), voice(2), RATE) > SAME


@pytest.mark.parametrize(
    "heard",
    [silence(4), silence(0.1), np.concatenate([voice(1), voice(3)]), voice(2)[: RATE // 2]],
    ids=["silence", "next to nothing", "others", "half a second of it"],
)
def test_what_was_not_said_is_not_found(heard: Samples) -> None:
    assert likeness(heard, voice(2), RATE) < SAME / 2


def test_nothing_is_not_found_either() -> None:
    assert likeness(voice(1), silence(1), RATE) == 0.0
