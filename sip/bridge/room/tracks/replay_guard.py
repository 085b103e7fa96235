"""What an agent is in the middle of saying when another phone answers was said to the others."""

from __future__ import annotations

from sip.bridge.media.g711 import Pcm, is_pause
from sip.bridge.room.tracks.track_queue import TrackQueue

PAUSE_FRAMES = 3
"""So many quiet frames (60 ms) are a pause."""
SHORTEST_FRAMES = 20
"""Frames (0.4 s) before which the agent cannot have heard of the answer and begun anew."""
LONGEST_FRAMES = 50
"""Frames (1 s) after which it is heard even without a pause."""


class ReplayGuard:
    """One track, heard anew once `start` was called: without the end of the ringing tone, or of
    "I am calling a colleague", that the caller heard meanwhile."""

    def __init__(self, queue: TrackQueue) -> None:
        self._queue = queue
        self._open = True
        self._taken = 0
        self._quiet = 0

    def start(self) -> None:
        self._open = False
        self._taken = self._quiet = 0

    def clear(self) -> None:
        """What has come so far is not heard."""
        self._queue.clear()

    def take(self, now: float | None = None) -> Pcm | None:
        """The next 20 ms; `now` is the time of the system's steady clock."""
        pcm = self._queue.take(now)
        if self._open:
            return pcm
        self._taken += 1
        if self._quiet < PAUSE_FRAMES:
            quiet = pcm is None or is_pause(pcm)
            self._quiet = self._quiet + 1 if quiet else 0
        paused = self._quiet >= PAUSE_FRAMES and self._taken >= SHORTEST_FRAMES
        self._open = paused or self._taken >= LONGEST_FRAMES
        return None
