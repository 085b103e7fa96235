"""Which stretches of a call's sound may be kept: known only when its words are.

A recording is written as far as that is decided. What holds a secret is silence in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

CALLER, OURS = 0, 1
"""The two sides of a recording."""

LAG_S = 2.0
"""Sound is not older than this when the voice detector says that somebody has begun to speak."""
EARLIER_S = 0.8
"""And so long before that they may have begun."""
WORDS_WITHIN_S = 6.0
"""Sound that was not made into words by then has none."""
LONGEST_S = 60.0
"""No sentence is as long: what was never decided is kept from then on."""
KEY_S = 0.4
"""A key's tone, on either side of the moment at which it was heard."""


@dataclass
class _Open:
    side: int
    begin: float
    end: float | None = None


class AudioRedaction:
    """One for each call; times are those of `time.time`."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._open: dict[object, _Open] = {}
        self._secret: list[tuple[int, float, float]] = []
        self._stopped_at: float | None = None

    # Who speaks.

    def begins(self, side: int, at: float) -> None:
        """The voice detector hears somebody, or we begin to speak. Until `end` it is undecided."""
        self._stopped_at = None if side == CALLER else self._stopped_at
        self._open.setdefault(side, _Open(side, at - EARLIER_S))

    def stops(self) -> None:
        """The caller is silent; their words may still come."""
        self._stopped_at = self._clock()

    def sentence(self, key: object, *, speaking: bool) -> None:
        """The caller's last sentence has words now; whether they are a secret is told to `end`."""
        now = self._clock()
        was = self._open.pop(CALLER, None) or _Open(CALLER, now - LAG_S - EARLIER_S)
        self._open[key] = _Open(CALLER, was.begin, now)
        if speaking:
            self._open[CALLER] = _Open(CALLER, now)

    def begin_key(self, key: object) -> None:
        now = self._clock()
        self._open[key] = _Open(CALLER, now - KEY_S, now + KEY_S)

    def end(self, key: object, *, secret: bool) -> None:
        """It is decided. `key` is a side, or what was given before."""
        found = self._open.pop(key, None)
        if found is not None and secret:
            end = found.end if found.end is not None else self._clock()
            self._secret.append((found.side, found.begin, end))

    def close(self) -> None:
        """The call is over. Words of the caller that nobody has understood are not kept."""
        for key, found in list(self._open.items()):
            self.end(key, secret=found.side == CALLER and self._stopped_at is None)

    # What may be kept.

    def decided(self) -> float:
        """Up to here the sound may be written."""
        now = self._clock()
        stopped = self._stopped_at
        if stopped is not None and now - stopped > WORDS_WITHIN_S:
            self._open.pop(CALLER, None)
        for key in [k for k, found in self._open.items() if now - found.begin > LONGEST_S]:
            del self._open[key]
        return min([now - LAG_S, *(found.begin for found in self._open.values())])

    def is_secret(self, side: int, begin: float, end: float) -> bool:
        return any(s == side and begin < to and frm < end for s, frm, to in self._secret)
