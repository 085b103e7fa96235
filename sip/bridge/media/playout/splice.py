"""Sound made shorter or longer by periods of itself, so that nobody hears where.

What is left out or said twice is a whole number of periods, found by likeness, and the two ends are
faded into each other (waveform similarity overlap-add, Verhelst and Roelands 1993). In a pause it
may be anything.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sip.bridge.media.g711 import SAMPLE_RATE, Pcm, is_pause

FADE = 80
"""Samples of 8 kHz (10 ms) in which one end turns into the other."""
SHORTEST = 20
"""The same (2.5 ms): periods of 400 Hz, or several of higher tones."""
LIKE = 0.9
"""How like (as a correlation) two ends have to be."""
AS_GOOD = 0.002
"""Likeness by which another place may be worse, and be taken for its length."""

Wave = npt.NDArray[np.float64]


class Cut(NamedTuple):
    """The sound after it was cut, and by how many samples it is longer now."""

    pcm: Pcm
    longer: int


def shortened(pcm: Pcm, most: int, rate: int = SAMPLE_RATE, *, anyhow: bool = False) -> Cut | None:
    """Without up to `most` samples at its beginning. `pcm` has at least so many more than the fade
    needs. None where it would be heard, unless it has to be done `anyhow`."""
    fade = FADE * rate // SAMPLE_RATE
    most = min(most, len(pcm) - fade)
    shortest = SHORTEST * rate // SAMPLE_RATE
    if most <= 0:
        return None
    if is_pause(pcm):
        lag = most
    elif most < shortest:
        return None
    else:
        found = _lags(pcm[:fade], pcm[shortest : most + fade], anyhow=anyhow)
        if found is None:
            return None
        lag = shortest + int(found[-1])
    kept = pcm[lag:].copy()
    kept[:fade] = _faded(pcm[:fade], kept[:fade])
    return Cut(kept, -lag)


def lengthened(
    before: Pcm, pcm: Pcm, least: int, rate: int = SAMPLE_RATE, *, anyhow: bool = False
) -> Cut | None:
    """With at least `least` samples more at its beginning, if what was heard `before` is as long;
    else with as many as go. None where it would be heard, unless it has to be done `anyhow`."""
    fade = FADE * rate // SAMPLE_RATE
    longest = len(before)
    if longest < 2 * fade or len(pcm) < fade:
        return None
    if is_pause(pcm) and is_pause(before):
        lag = max(fade, min(least, longest))
    else:
        found = _lags(pcm[:fade], before, anyhow=anyhow)
        if found is None:
            return None
        lags = longest - found
        enough = lags[lags >= least]
        lag = int(enough.min() if len(enough) else lags.max())
    again = before[longest - lag :].copy()
    again[:fade] = _faded(pcm[:fade], again[:fade])
    return Cut(np.concatenate((again, pcm)), lag)


def _lags(pattern: Pcm, among: Pcm, *, anyhow: bool) -> npt.NDArray[np.intp] | None:
    """Places at which `among` goes on as the pattern does, rising; all of them about as good."""
    wanted = pattern.astype(np.float64)
    places: Wave = np.lib.stride_tricks.sliding_window_view(among.astype(np.float64), len(wanted))
    energy = np.sqrt((places**2).sum(axis=1) * (wanted @ wanted)) + 1.0
    likeness = places @ wanted / energy
    best = float(likeness.max())
    if best < LIKE and not anyhow:
        return None
    return np.flatnonzero(likeness >= best - AS_GOOD)


def _faded(first: Pcm, then: Pcm) -> Pcm:
    weight = (np.arange(len(then)) + 0.5) / len(then)
    made: Pcm = np.rint(first * (1 - weight) + then * weight).astype(np.int16)
    return made
