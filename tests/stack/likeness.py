"""Whether a sound is in another one, however little of it could be understood."""

from __future__ import annotations

import numpy as np

from sip.phone.audio import Samples

SAME = 0.6
"""The same voice with the same words through a telephone and a room has 0.7 to 0.97, another
sentence of that voice at most 0.28."""

QUIET = 200


def likeness(heard: Samples, said: Samples, rate: int) -> float:
    """The best match of any second of `said` in `heard`: 1 is the same, however loud. A second and
    not the whole, since frames that come late move what follows them."""
    loud = np.flatnonzero(np.abs(said) > QUIET)
    spoken = said[loud[0] : loud[-1] + 1].astype(np.float64) if len(loud) else said[:0]
    size = min(rate, len(spoken))
    if size < rate // 2:
        return 0.0  # half a second of anything is like half a second of something
    starts = range(0, len(spoken) - size + 1, size)
    found = [_best(heard.astype(np.float64), spoken[one : one + size]) for one in starts]
    return max(found)


def _best(heard: np.ndarray, said: np.ndarray) -> float:
    """The highest normalised cross-correlation."""
    if len(heard) < len(said):
        return 0.0
    size = 1 << (len(heard) + len(said)).bit_length()
    product = np.fft.rfft(heard, size) * np.fft.rfft(said[::-1], size)
    matches = np.fft.irfft(product, size)[len(said) - 1 : len(heard)]
    energy = np.cumsum(np.concatenate([[0.0], heard * heard]))
    around = np.maximum(energy[len(said) :] - energy[: -len(said)], 1.0)
    scale = np.sqrt(around * max(float(np.sum(said * said)), 1.0))
    loud_enough = around > len(said) * QUIET
    return float(np.max(np.where(loud_enough, np.abs(matches) / scale, 0.0)))
