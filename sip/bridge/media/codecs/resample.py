"""From 8 to 16 kHz and back, a frame at a time: what a wide call hears need not be wide."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from sip.bridge.media.g711 import FRAME_SECONDS, SAMPLE_RATE, Pcm

WIDE_RATE = 2 * SAMPLE_RATE

ARM = 12
"""Taps that are not zero on either side of the middle one; in a half-band filter every second."""
BETA = 5.0
"""Kaiser's: 55 dB, flat to 3.4 kHz, nothing above 4.6 kHz."""

Wave = npt.NDArray[np.float32]


@cache
def silence(rate: int) -> Pcm:
    """20 ms of it."""
    quiet: Pcm = np.zeros(round(rate * FRAME_SECONDS), np.int16)
    quiet.flags.writeable = False
    return quiet


@cache
def _taps() -> Wave:
    """Those of odd place of a half-band low pass at 16 kHz; the middle one is a half."""
    places = np.arange(-2 * ARM + 1, 2 * ARM, 2)
    window = np.kaiser(4 * ARM + 1, BETA)[1::2]
    taps = np.sin(np.pi * places / 2) / (np.pi * places) * window
    return np.asarray(taps * 0.5 / taps.sum(), np.float32)


class Widener:
    """8 to 16 kHz. What comes out is 1.5 ms later."""

    def __init__(self) -> None:
        self._before: Wave = np.zeros(2 * ARM - 1, np.float32)

    def widen(self, pcm: Pcm) -> Pcm:
        wave = np.concatenate((self._before, pcm), dtype=np.float32)
        self._before = wave[-len(self._before) :]
        wide = np.empty(2 * len(pcm), np.float32)
        wide[0::2] = np.convolve(wave, _taps(), "valid") * 2
        wide[1::2] = wave[ARM : ARM + len(pcm)]
        return _whole(wide)


class Narrower:
    """16 to 8 kHz. What comes out is 1.5 ms later."""

    def __init__(self) -> None:
        self._even: Wave = np.zeros(2 * ARM - 1, np.float32)
        self._odd: Wave = np.zeros(ARM, np.float32)

    def narrow(self, pcm: Pcm) -> Pcm:
        even = np.concatenate((self._even, pcm[0::2]), dtype=np.float32)
        odd = np.concatenate((self._odd, pcm[1::2]), dtype=np.float32)
        self._even, self._odd = even[-len(self._even) :], odd[-ARM:]
        low = np.convolve(even, _taps(), "valid")
        return _whole(low + odd[: len(low)] * np.float32(0.5))


def _whole(wave: npt.NDArray[np.floating]) -> Pcm:
    whole: Pcm = np.clip(np.rint(wave), -32768, 32767).astype(np.int16)
    return whole
