"""A key that comes in several ways is one key."""

from __future__ import annotations

from collections import deque
from typing import Literal, NamedTuple

TOGETHER_SECONDS = 1.0
"""So far apart they may be: a tone waits in the jitter buffer, an event may be lost at first."""

Way = Literal["event", "tone", "info"]


class Press(NamedTuple):
    key: str
    at: float
    ways: set[Way]


class PressedOnce:
    """Whichever way brings a key first counts; each of the others may bring it once more."""

    def __init__(self) -> None:
        self._presses: deque[Press] = deque()

    def counts(self, key: str, way: Way, now: float) -> bool:
        """Whether a key that has come this way at `now` (seconds) is a new one."""
        while self._presses and now - self._presses[0].at > TOGETHER_SECONDS:
            self._presses.popleft()
        for press in self._presses:
            if press.key == key and way not in press.ways:
                press.ways.add(way)
                return False
        self._presses.append(Press(key, now, {way}))
        return True
