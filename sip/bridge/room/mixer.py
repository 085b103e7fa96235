"""What the phone hears: the sum of the room's tracks, one frame a tick."""

from __future__ import annotations

from collections import deque

import numpy as np

from sip.bridge.media.g711 import FRAME, SILENCE, Pcm, is_pause

DEEPEST = 6
"""Frames kept of a track (120 ms); beyond that the oldest goes, so delay cannot pile up."""

START = 2
"""Frames to have before a track is played, so that uneven delivery leaves no holes."""

SPARE_AFTER = 50
"""Frames (1 s) after which a frame that was never needed meanwhile is given back, in a pause."""
LATEST_AFTER = 250
"""Frames (5 s) after which it is given back wherever it falls."""


class TrackQueue:
    """Frames of one track; filled on a native thread, emptied on the clock."""

    def __init__(self, samples: int = FRAME) -> None:
        """`samples` of each frame."""
        self._samples = samples
        self._frames: deque[bytes] = deque(maxlen=DEEPEST)
        self._playing = False
        self._to_spare = 0

    def __len__(self) -> int:
        """Frames that wait."""
        return len(self._frames)

    def put(self, frame: bytes) -> None:
        self._frames.append(frame)

    def take(self) -> Pcm | None:
        if not self._playing and len(self._frames) < START:
            return None
        self._playing = bool(self._frames)
        if not self._playing:
            return None
        pcm = self._next()
        self._to_spare = self._to_spare + 1 if len(self._frames) >= START else 0
        if self._to_spare < SPARE_AFTER:
            return pcm
        # What one late burst has left behind would else delay the rest of the call.
        if self._to_spare < LATEST_AFTER and not is_pause(pcm):
            return pcm
        self._to_spare = 0
        return self._next()

    def _next(self) -> Pcm:
        pcm = np.frombuffer(self._frames.popleft(), np.int16)
        return pcm if len(pcm) == self._samples else np.resize(pcm, self._samples)


def mix(frames: list[Pcm], silence: Pcm = SILENCE) -> Pcm:
    """Never wraps around: what is too loud is clipped."""
    if not frames:
        return silence
    if len(frames) == 1:
        return frames[0]
    total = np.sum(frames, axis=0, dtype=np.int32)
    return np.clip(total, -32768, 32767).astype(np.int16)
