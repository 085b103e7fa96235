"""A track of the room on its way to the phone: filled on a native thread, emptied on the clock."""

from __future__ import annotations

import time
from collections import deque

import numpy as np

from sip.bridge.media.codecs.concealment import Concealment
from sip.bridge.media.g711 import FRAME, FRAME_SECONDS, SAMPLE_RATE, Pcm
from sip.bridge.media.playout.elastic import Elastic
from sip.bridge.media.playout.playout import START_SECONDS

DEEPEST = 6
"""Frames kept of a track (120 ms); beyond that the oldest goes, so delay cannot pile up."""


class TrackQueue:
    """Its clock is that of the room: it may be a little faster or slower than ours."""

    def __init__(self, samples: int = FRAME) -> None:
        """`samples` of each frame."""
        self._frame = samples
        rate = samples * SAMPLE_RATE // FRAME
        self._frames: deque[tuple[float, bytes]] = deque(maxlen=DEEPEST)
        self._stock: deque[Pcm] = deque()
        self._stocked = 0
        self._elastic = Elastic(rate)
        self._concealment = Concealment(rate)
        self._playing = False
        self._sounds = self._late = False

    @property
    def delay(self) -> float:
        """Seconds of sound that wait."""
        return (self._stocked + self._elastic.ready) / self._frame * FRAME_SECONDS

    def put(self, frame: bytes, now: float | None = None) -> None:
        """`now` is when it came, on the system's steady clock."""
        self._frames.append((time.monotonic() if now is None else now, frame))

    def take(self, now: float | None = None) -> Pcm | None:
        """The next 20 ms; None where nothing is heard."""
        now = time.monotonic() if now is None else now
        if not self._playing and not self._may_begin(now):
            return None
        self._accept(now)
        self._sounds = self._elastic.ready > 0
        pcm = self._elastic.next(self)
        self._playing = self._sounds
        if self._playing:
            return pcm
        self.clear()
        return None

    def clear(self) -> None:
        """What has come so far is not heard, and the next begins anew."""
        self._frames.clear()
        self._stock.clear()
        self._stocked = 0
        self._elastic.reset()
        self._concealment.forget()
        self._playing = False

    def has(self, samples: int) -> bool:
        return self._stocked >= samples

    def pull(self, samples: int) -> Pcm:
        """At least so many; where they have not come yet, something instead of them."""
        pieces: list[Pcm] = []
        while samples > 0 and self._stock:
            pcm = self._stock.popleft()
            self._stocked -= len(pcm)
            samples -= len(pcm)
            pieces.append(self._concealment.heard(pcm))
            self._sounds, self._late = True, False
        if samples > 0:
            pieces.append(self._instead(samples))
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def _instead(self, samples: int) -> Pcm:
        begins = not self._late
        self._late = True
        made = self._concealment.missing(samples)
        if made is None:
            return np.zeros(samples, np.int16)
        self._sounds = True
        if begins:
            self._elastic.pace.late(samples)
        return made

    def _may_begin(self, now: float) -> bool:
        """With one frame, unless it has only just come: the next may take longer."""
        frames = self._frames
        return len(frames) > 1 or (bool(frames) and now - frames[0][0] >= START_SECONDS)

    def _accept(self, now: float) -> None:
        while self._frames:
            came, raw = self._frames.popleft()
            pcm = np.frombuffer(raw, np.int16)
            ticks, free = divmod(self._stocked + self._elastic.ready, self._frame)
            self._elastic.pace.note(now - came + ticks * FRAME_SECONDS, free)
            self._stock.append(pcm)
            self._stocked += len(pcm)
        while self._stocked > DEEPEST * self._frame:
            self._stocked -= len(self._stock.popleft())
