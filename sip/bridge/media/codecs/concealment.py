"""What is heard where packets are missing: the voice goes on for a moment and fades, as in ITU-T
G.711 appendix I. A hole in it would be heard as a click, and taken for the end of a word."""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm

FRAMES = 3
"""Of 20 ms: after 60 ms a voice that goes on sounds like a machine."""
GAINS = (1.0, 0.8, 0.4, 0.0)
"""At the beginning of each frame, and at the end of the last."""
HIGHEST_HZ, LOWEST_HZ = 400, 66
"""Voices of children and men."""
FADE_SECONDS = 0.005
"""In which what came after all takes over."""

Samples = npt.NDArray[np.float64]


class Concealment:
    """One phone's. Of however many samples: `heard` what has come, or `missing`."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        self._rate = rate
        self._frame = rate * FRAME // SAMPLE_RATE
        self._past: deque[Pcm] = deque()
        self._kept = 0
        self._period: Samples | None = None
        self._missing = 0

    def heard(self, pcm: Pcm) -> Pcm:
        if self._missing and self._period is not None:
            pcm = self._faded_in(pcm)
        self._period, self._missing = None, 0
        self._past.append(pcm)
        self._kept += len(pcm)
        while self._kept - len(self._past[0]) >= 2 * self._frame:
            self._kept -= len(self._past.popleft())
        return pcm

    def missing(self, samples: int | None = None) -> Pcm | None:
        """So many in its place, as a rule 20 ms; None once there is nothing to go on with."""
        if self._missing >= FRAMES * self._frame or self._kept < 2 * self._frame:
            self.forget()
            return None
        if self._period is None:
            self._period = self._last_period()
        length = self._frame if samples is None else samples
        gains = np.interp(self._places(length) / self._frame, np.arange(FRAMES + 1), GAINS)
        made = (self._going_on(length) * gains).astype(np.int16)
        self._missing += length
        return made

    def forget(self) -> None:
        """What comes next has nothing to do with what was."""
        self._past.clear()
        self._kept = 0
        self._period, self._missing = None, 0

    def _places(self, length: int) -> npt.NDArray[np.intp]:
        return np.arange(self._missing, self._missing + length)

    def _going_on(self, length: int) -> Samples:
        assert self._period is not None
        return self._period[self._places(length) % len(self._period)]

    def _last_period(self) -> Samples:
        """The last period of the voice, by how well what was before resembles what came last."""
        past = np.concatenate(self._past)[-2 * self._frame :].astype(np.float64)
        shortest, longest = self._rate // HIGHEST_HZ, self._rate // LOWEST_HZ
        window = len(past) - longest
        last = past[-window:]
        moments = np.lib.stride_tricks.sliding_window_view(past[:-shortest], window)
        energy = np.sqrt((moments**2).sum(axis=1)) + 1.0
        likeness = moments @ last / energy
        lag = len(past) - window - int(np.argmax(likeness))
        return past[-lag:]

    def _faded_in(self, pcm: Pcm) -> Pcm:
        length = min(len(pcm), int(FADE_SECONDS * self._rate))
        gain = np.interp(self._missing / self._frame, np.arange(FRAMES + 1), GAINS)
        weight = np.linspace(0.0, 1.0, length)
        made = pcm.astype(np.float64)
        made[:length] = weight * made[:length] + (1 - weight) * gain * self._going_on(length)
        return made.astype(np.int16)
