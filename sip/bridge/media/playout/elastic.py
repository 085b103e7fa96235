"""20 ms of sound each 20 ms, out of a source that gives a little more or less than that."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm, is_pause
from sip.bridge.media.playout.pace import Pace
from sip.bridge.media.playout.splice import Cut, lengthened, shortened

APART = 5
"""Frames (100 ms) between two places at which sound was cut, outside pauses."""
AGAIN_AFTER = 10
"""Frames (200 ms) after which another place is looked for where there was none."""
TRIES_LONGER, TRIES_SHORTER = 2, 25
"""So often; then it is cut wherever it is: the next packet may be late, or seconds have passed."""
WORTH_HEARING = FRAME // 2
"""Samples of 8 kHz (10 ms). For less nothing is cut where it would be heard."""


class Stock(Protocol):
    """What waits to be heard, in samples."""

    def has(self, samples: int) -> bool:
        """Whether so many are there, without a hole."""

    def pull(self, samples: int) -> Pcm:
        """At least so many, with something in the holes."""


class Elastic:
    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        self._rate = rate
        self._frame = rate * FRAME // SAMPLE_RATE
        self.pace = Pace(self._frame)
        self._nothing: Pcm = np.zeros(0, np.int16)
        self._ready = self._before = self._last = self._nothing
        self._rest = 0
        self._tries = 0

    @property
    def ready(self) -> int:
        """Samples that have left the stock, and wait."""
        return len(self._ready)

    def reset(self) -> None:
        """What comes next has nothing to do with what was."""
        self._ready = self._before = self._last = self._nothing
        self.pace.reset()

    def next(self, stock: Stock) -> Pcm:
        """The next 20 ms."""
        wanted = self.pace.tick()
        self._rest -= 1
        if wanted and self._rest < 0:
            self._cut(stock, wanted)
        self._fill(stock, self._frame)
        pcm, self._ready = self._ready[: self._frame], self._ready[self._frame :]
        self._before, self._last = self._last, pcm
        return pcm

    def _fill(self, stock: Stock, samples: int) -> None:
        lacking = samples - len(self._ready)
        if lacking <= 0:
            return
        pulled = stock.pull(lacking)
        self._ready = np.concatenate((self._ready, pulled)) if len(self._ready) else pulled

    def _cut(self, stock: Stock, wanted: int) -> None:
        more = min(-wanted, self._frame) if wanted < 0 else 0
        if not stock.has(self._frame + more - len(self._ready)):
            return
        self._fill(stock, self._frame + more)
        cut = self._shortened(more) if more else self._lengthened(wanted)
        if cut is None:
            self._not_yet(more)
            return
        self._rest = 0 if is_pause(self._ready) else APART
        self._tries = 0
        self._ready = cut.pcm
        self.pace.moved(cut.longer)

    def _not_yet(self, more: int) -> None:
        self._rest = AGAIN_AFTER if more else 0
        self._tries += 1
        if self._tries >= TRIES_SHORTER and 0 < more < WORTH_HEARING * self._frame // FRAME:
            self._tries = 0
            self.pace.give_up()

    def _shortened(self, most: int) -> Cut | None:
        worth = most >= WORTH_HEARING * self._frame // FRAME
        anyhow = worth and self._tries >= TRIES_SHORTER
        return shortened(self._ready, most, self._rate, anyhow=anyhow)

    def _lengthened(self, least: int) -> Cut | None:
        before = np.concatenate((self._before, self._last))
        return lengthened(
            before, self._ready, least, self._rate, anyhow=self._tries >= TRIES_LONGER
        )
