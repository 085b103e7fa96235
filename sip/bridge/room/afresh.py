"""What an agent is in the middle of saying when another phone answers was said to the others."""

from __future__ import annotations

from sip.bridge.media.g711 import PAUSE, Pcm, loudness
from sip.bridge.room.mixer import TrackQueue

PAUSE_FRAMES = 3
"""So many quiet frames (60 ms) are a pause."""
LONGEST_FRAMES = 50
"""Frames (1 s) after which it is heard even without one."""


class Afresh:
    """One track, heard from its next pause on once `start` was called: such as without the end of
    the ringing tone that the caller heard meanwhile."""

    def __init__(self, queue: TrackQueue) -> None:
        self._queue = queue
        self._left = 0
        self._quiet = 0

    def start(self) -> None:
        self._left, self._quiet = LONGEST_FRAMES, 0

    def take(self) -> Pcm | None:
        pcm = self._queue.take()
        if not self._left:
            return pcm
        quiet = pcm is None or loudness(pcm) <= PAUSE
        self._quiet = self._quiet + 1 if quiet else 0
        self._left = 0 if self._quiet >= PAUSE_FRAMES else self._left - 1
        return None
