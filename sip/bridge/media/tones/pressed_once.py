"""A key that comes twice, as an event and as a tone, is one key."""

from __future__ import annotations

from collections import deque
from typing import Literal

TOGETHER_SECONDS = 1.0
"""So far apart both may be: a tone waits in the jitter buffer, an event may be lost at first."""

Way = Literal["event", "tone"]


class PressedOnce:
    """Whichever way brings a key first counts; for each of those the other way may bring one."""

    def __init__(self) -> None:
        self._alone: dict[Way, deque[tuple[str, float]]] = {"event": deque(), "tone": deque()}

    def counts(self, key: str, way: Way, now: float) -> bool:
        """Whether a key that has come this way is a new one."""
        other = self._alone["tone" if way == "event" else "event"]
        while other and now - other[0][1] > TOGETHER_SECONDS:
            other.popleft()
        for index, (known, _) in enumerate(other):
            if known == key:
                del other[index]
                return False
        mine = self._alone[way]
        while mine and now - mine[0][1] > TOGETHER_SECONDS:
            mine.popleft()
        mine.append((key, now))
        return True
