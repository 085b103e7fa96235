"""Notices that a speaker has fallen silent, sooner than a voice detector does.

The detector's probability lingers for 100 to 150 ms after the last sound, since it looks back. How
loud it is tells at once, but not whether it was only the stop before a "b": so this is good for a
hunch, never for the end of a turn.
"""

from __future__ import annotations

import numpy as np

RATE = 16_000
SILENT = 0.045
"""Of the loudest a while ago (27 dB below). A line that hums louder than this never falls silent
here, and the voice detector decides alone."""
FORGETS = 0.99
"""The loudest so far, window by window of 32 ms: half of it in two seconds."""


def loudness(pcm: bytes) -> float:
    """Root mean square of 16-bit samples; 0 of none."""
    samples = np.frombuffer(pcm, np.int16).astype(np.float32)
    return float(np.sqrt(np.mean(samples * samples))) if len(samples) else 0.0


class SilenceDetector:
    """`lasted_s` is how long it has been silent, in steps of what it is told."""

    def __init__(self) -> None:
        self.lasted_s = 0.0
        self._loudest = 0.0

    def hears(self, pcm: bytes) -> None:
        """The next samples, 16-bit at 16 kHz; windows of some 30 ms."""
        if not pcm:
            return
        level = loudness(pcm)
        self._loudest = max(level, self._loudest * FORGETS)
        self.lasted_s = self.lasted_s + len(pcm) / 2 / RATE if self._silent(level) else 0.0

    def _silent(self, level: float) -> bool:
        return level < SILENT * self._loudest
