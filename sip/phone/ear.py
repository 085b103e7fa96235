"""When the far end speaks, to ten milliseconds, from what arrives at the phone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FRAME_S = 0.01
LOUD = 250.0
"""Root mean square of a frame that is not silence; telephone speech is about 3,000."""
PAUSE_S = 0.4
"""A silence shorter than this is part of the sentence."""
CLICK_FRAMES = 2
"""Fewer loud frames in a row are a click, not the beginning of speech."""


@dataclass(frozen=True)
class Segment:
    """Somebody spoke from `onset` to `offset`, seconds since the epoch."""

    onset: float
    offset: float


class Ear:
    """Fed with samples and the time of their last one; remembers who spoke when."""

    def __init__(self, rate: int, *, loud: float = LOUD, pause_s: float = PAUSE_S) -> None:
        self._size = int(rate * FRAME_S)
        self._loud = loud
        self._pause_s = pause_s
        self._rest: NDArray[np.int16] = np.zeros(0, np.int16)
        self._run = 0
        self.finished: list[Segment] = []
        self._open: Segment | None = None

    @property
    def segments(self) -> list[Segment]:
        """Everything heard so far; the last may still be going on."""
        return [*self.finished, self._open] if self._open else list(self.finished)

    @property
    def last_sound(self) -> float:
        """When it was last loud; 0 if it never was."""
        segments = self.segments
        return segments[-1].offset if segments else 0.0

    def feed(self, samples: NDArray[np.int16], heard_at: float) -> None:
        """`heard_at` is when the last of `samples` was played."""
        waiting = np.concatenate([self._rest, samples])
        frames = len(waiting) // self._size
        self._rest = waiting[frames * self._size :]
        behind = len(self._rest) / self._size * FRAME_S
        for number in range(frames):
            frame = waiting[number * self._size : (number + 1) * self._size].astype(np.float32)
            ends = heard_at - behind - (frames - 1 - number) * FRAME_S
            self._frame(float(np.sqrt(np.mean(frame * frame))), ends)

    def _frame(self, level: float, ends: float) -> None:
        if level <= self._loud:
            self._run = 0
            if self._open and ends - self._open.offset > self._pause_s:
                self.finished.append(self._open)
                self._open = None
            return
        self._run += 1
        if self._open:
            self._open = Segment(self._open.onset, ends)
        elif self._run >= CLICK_FRAMES:
            self._open = Segment(ends - self._run * FRAME_S, ends)
