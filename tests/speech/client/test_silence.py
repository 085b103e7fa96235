"""Loudness alone: no model is loaded here."""

from __future__ import annotations

import numpy as np

from agents.speech.client.silence import SilenceDetector

WINDOW = 512


def window(level: float) -> bytes:
    return np.full(WINDOW, level, np.int16).tobytes()


def heard(*levels: float) -> SilenceDetector:
    hush = SilenceDetector()
    for level in levels:
        hush.hears(window(level))
    return hush


def test_silence_lasts_since_the_last_sound() -> None:
    assert heard(3000, 2500, 60, 20, 0).lasted_s == 3 * WINDOW / 16_000


def test_sound_ends_it() -> None:
    assert heard(3000, 20, 20, 2000).lasted_s == 0.0


def test_a_soft_sound_is_no_silence() -> None:
    """An "s" at the end is a tenth as loud as the vowel before it."""
    assert heard(3000, 300, 250).lasted_s == 0.0


def test_a_line_that_hums_never_falls_silent() -> None:
    assert heard(3000, 200, 200, 200, 200).lasted_s == 0.0


def test_a_click_at_the_beginning_is_forgotten() -> None:
    """After ten seconds softer speech is the measure, and its pauses are pauses."""
    hush = heard(20_000, *[1000] * 300)
    assert hush.lasted_s == 0.0
    hush.hears(window(40))
    assert hush.lasted_s > 0.0


def test_nothing_is_no_news() -> None:
    hush = heard(3000, 0)
    before = hush.lasted_s
    hush.hears(b"")
    assert hush.lasted_s == before
