"""What is said before the phone may be sent to: its first word is late, not lost."""

from __future__ import annotations

from collections import deque

from sip.bridge.media.g711 import Pcm, is_pause

LONGEST = 150
"""Frames (3 s): an ACK that was lost twice, or a phone that has to be found behind its NAT. Whoever
is not there by then hears what is said when they come."""


class HeldBack:
    """Frames go in at the pace of the clock and come out at the same pace. What they are behind is
    given back in the pauses of the speech, every second frame of them."""

    def __init__(self) -> None:
        self._frames: deque[Pcm] = deque()
        self._holds = True
        self._skipped = False

    @property
    def holds(self) -> bool:
        """Whether what goes in now will still be heard when the phone may be sent to."""
        return self._holds

    def begin(self) -> None:
        """Hold again: the phone has moved."""
        self._holds = True

    def through(self, pcm: Pcm, *, may_send: bool) -> Pcm | None:
        """The frame to send now, if any."""
        if not may_send:
            self._keep(pcm)
            return None
        self._holds = False
        if not self._frames:
            return pcm
        self._skipped = is_pause(pcm) and not self._skipped
        if not self._skipped:
            self._frames.append(pcm)
        return self._frames.popleft()

    def _keep(self, pcm: Pcm) -> None:
        if self._holds and (self._frames or not is_pause(pcm)):
            self._frames.append(pcm)
        if len(self._frames) > LONGEST:
            self._holds = False
        if not self._holds:
            self._frames.clear()
