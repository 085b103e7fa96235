"""Tones that tell parties apart, and a Goertzel filter that finds them again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from sip.phone.audio import Samples

CALLER, AGENT, SUPERVISOR = 1187, 733, 1959
"""Hertz. All pass a telephone line, and none is near what its 8 kHz and its coding make of
another: those products lie at multiples of 100 Hz and of the tones themselves. Lost packets of 10
and 20 ms leave traces of a tone at every 50 Hz from it, and those are 22 Hz away at least."""

QUIET, LOUD = 0.02, 0.9
"""Amplitudes. The supervisor is by far the loudest: what a busy machine makes of a lost packet of
the others must not look like a leak."""

WINDOW_S, STEP_S = 0.2, 0.05


def tone(hertz: int, seconds: float, rate: int, *, amplitude: float = QUIET) -> Samples:
    at = np.arange(round(seconds * rate)) / rate
    return np.asarray(np.sin(2 * np.pi * hertz * at) * amplitude * 32767, np.int16)


def tone_file(path: Path, hertz: int, *, amplitude: float = QUIET, rate: int = 48_000) -> Path:
    """Ten seconds that can be played in a loop: they hold a whole number of periods."""
    soundfile.write(path, tone(hertz, 10, rate, amplitude=amplitude), rate, subtype="PCM_16")
    return path


def level(samples: Samples, rate: int, hertz: int) -> float:
    """Amplitude (1 = full scale) of one frequency: Goertzel's sum under a Hann window."""
    if len(samples) < 8:
        return 0.0
    window = np.hanning(len(samples))
    turning = np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / rate)
    return float(abs(np.dot(samples * window, turning)) * 2 / window.sum() / 32767)


def decibels(amplitude: float, reference: float) -> float:
    """Silence is -200 and not minus infinity, so that it can be printed and compared."""
    return float(20 * np.log10(max(amplitude / reference, 1e-10)))


def levels(
    sound: Callable[[float, float], Samples], rate: int, span: tuple[float, float], hertz: int
) -> NDArray[np.float64]:
    """Rows of (begin, end, amplitude): a window every 50 ms between two moments.

    `sound` gives the samples between two moments; windows with holes in them are left out.
    """
    begin, end = span
    samples = sound(begin, end)
    size, step = round(WINDOW_S * rate), round(STEP_S * rate)
    rows = [
        (begin + at / rate, begin + (at + size) / rate, level(samples[at : at + size], rate, hertz))
        for at in range(0, len(samples) - size + 1, step)
    ]
    return np.array(rows, np.float64).reshape(-1, 3)
