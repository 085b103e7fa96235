"""How long sound waits before it is heard: as short as the line lets it, and no shorter.

Of all that comes it is noted how much later it could have come without harm (its slack). What has
come with hardly any makes the sound wait longer, before anything is missing; where for seconds all
of it came with more than a frame to spare, it waits for as many frames less. A sender whose clock
is not ours shows as a slack that grows or shrinks, so nothing else is needed against drift.

Times are seconds, sound is counted in samples. No clock: the caller has it.
"""

from __future__ import annotations

from collections import deque
from math import ceil, inf, isinf

from sip.bridge.media.g711 import FRAME, FRAME_SECONDS

LEAST = 0.004
"""Less slack than this is too little: the next packet may be late."""
MOST = LEAST + FRAME_SECONDS + 0.003
"""With more than this a frame of waiting can be given back, and is not wanted again at once."""
LONGEST = 0.12
"""Nothing waits longer, however late it comes."""

BUCKET_TICKS = 50
CALM_BUCKETS = 5
"""Seconds that have to pass without need before waiting is given back, on a line that was good."""
DOUBTFUL_BUCKETS = 40
"""The same at most, on one that was late again and again."""
FORGIVEN_BUCKETS = 60
"""A line that was never late for so long is a good one."""

FREE = 20
"""Samples of 8 kHz (2.5 ms) that wait for nothing, and are let be: no period is as short."""


class Pace:
    """Says each 20 ms by how much to wait longer, or less."""

    def __init__(self, frame: int = FRAME) -> None:
        """`frame`: samples in 20 ms."""
        self._frame = frame
        self._let_be = FREE * frame // FRAME
        self._patience = CALM_BUCKETS
        self._calm = 0
        self._goal = 0
        self._buckets: deque[float] = deque(maxlen=DOUBTFUL_BUCKETS)
        self._most = self._most_before = 0.0
        self._least, self._free, self._ticks = inf, frame, 0

    def reset(self) -> None:
        """Another line: what was noted says nothing any more."""
        self._most = self._most_before = 0.0
        self._begin_again()

    def _begin_again(self) -> None:
        self._goal = 0
        self._buckets.clear()
        self._begin_bucket()
        self._free = self._frame

    def note(self, slack: float, free: int) -> None:
        """Of something that came: seconds until it is needed, and by how many samples it is heard
        later than it could be in the same 20 ms."""
        self._least = min(self._least, slack)
        self._most = max(self._most, slack)
        self._free = min(self._free, free)

    def late(self, samples: int = 0) -> None:
        """Something came after it was needed, and all after it waits so much longer now."""
        self._patience = min(DOUBTFUL_BUCKETS, 2 * self._patience)
        self._calm = 0
        self._waits(samples)
        self._begin_again()

    def tick(self) -> int:
        """Samples by which to wait longer; negative: less. What was done of it is to be told by
        `moved`."""
        if self._goal <= 0 and self._least < LEAST:
            self._goal = self._longer() or self._goal
        self._ticks += 1
        if self._ticks >= BUCKET_TICKS:
            self._end_bucket()
            if self._goal == 0:
                self._goal = -self._too_long()
        return self._goal

    def moved(self, samples: int) -> None:
        """It waits by so many samples longer now; negative: less."""
        self._waits(samples)
        left = self._goal - samples
        if left * self._goal <= 0 or (self._goal < 0 and -left <= self._let_be):
            self._begin_again()
        else:
            self._goal = left

    def give_up(self) -> None:
        """It cannot be done now."""
        self._begin_again()

    def _waits(self, samples: int) -> None:
        seconds = samples * FRAME_SECONDS / self._frame
        self._most, self._most_before = self._most + seconds, self._most_before + seconds

    def _longer(self) -> int:
        room = LONGEST - max(self._most, self._most_before)
        frames = ceil((LEAST - self._least) / FRAME_SECONDS)
        frames = min(frames, int(room / FRAME_SECONDS))
        if frames < 1:
            return 0
        return int(frames * self._frame - self._free % self._frame)

    def _too_long(self) -> int:
        beyond = int((self._most_before - LONGEST) / FRAME_SECONDS)
        if beyond > 0:
            return beyond * self._frame
        if len(self._buckets) < self._patience:
            return 0
        least = min(list(self._buckets)[-self._patience :])
        frames = int((least - MOST) / FRAME_SECONDS) + 1 if least > MOST else 0
        free = self._free % self._frame
        return frames * self._frame + (free if free > self._let_be else 0)

    def _begin_bucket(self) -> None:
        self._ticks, self._least = 0, inf

    def _end_bucket(self) -> None:
        self._calm += 1
        if self._calm >= FORGIVEN_BUCKETS:
            self._patience = CALM_BUCKETS
        if not isinf(self._least):
            self._buckets.append(self._least)
        self._most_before, self._most = self._most, 0.0
        self._begin_bucket()
