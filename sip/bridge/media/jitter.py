"""A jitter buffer on the timestamp line: sound is placed where it belongs, read at a steady pace.

The buffer is a ring of samples addressed by RTP timestamp, so packets of any length may come late,
twice or in any order. The reading position advances 20 ms a tick whatever arrives. A packet that
comes after its place was read moves the position back (more delay, up to a limit); a long time
with more in store than needed moves it forward by one frame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sip.bridge.media.g711 import FRAME

RING = 1 << 14
"""Two seconds of samples; a power of two, so that places wrap with a mask."""

MAX_DELAY = 1600
"""Samples: 200 ms. Later than this is a gap, not jitter."""

RESYNC = 2 * MAX_DELAY
"""A timestamp this far ahead of the reading position starts the line anew."""

HOPELESS = 5
"""So many packets in a row too late to wait for: the line of the sender has moved, follow it."""

LONGEST_PAYLOAD = 1600

SHRINK_AFTER = 250
"""Frames (5 s) after which spare delay is given back, one frame at a time."""

SHRINK_IN_PAUSE_AFTER = 50
"""Frames (1 s) after which it is given back if nobody is heard to lose a frame."""


class Coded(NamedTuple):
    """20 ms as they came. `codings` says for each octet how it is coded; 0 is a hole."""

    octets: bytes
    codings: bytes


def _distance(timestamp: int, origin: int) -> int:
    """Signed difference of two 32-bit timestamps."""
    return ((timestamp - origin + 0x80000000) & 0xFFFFFFFF) - 0x80000000


class JitterBuffer:
    def __init__(self, is_pause: Callable[[Coded], bool] = lambda frame: False) -> None:
        """`is_pause` says whether a frame may go unheard."""
        self._is_pause = is_pause
        self._ring = bytearray(RING)
        self._codings = bytearray(RING)
        self._read: int | None = None
        self._ahead = 0
        self._spare = RING
        self._frames = 0
        self._hopeless = 0
        self.late = 0
        self.skipped = 0

    @property
    def delay(self) -> int:
        """Samples between the reading position and the newest sample."""
        return self._ahead

    def reset(self) -> None:
        """Forget the line: the next packet starts a new one (a new source, or after a hold)."""
        self._read = None
        self._ahead = 0
        self._codings[:] = bytes(RING)

    def put(self, timestamp: int, payload: bytes, coding: int = 1) -> None:
        """`coding` is any number from 1 to 255 that tells the reader how to decode it."""
        if not 0 < len(payload) <= LONGEST_PAYLOAD:
            return
        offset = 0 if self._read is None else _distance(timestamp, self._read)
        self._hopeless = self._hopeless + 1 if offset < -MAX_DELAY else 0
        if self._read is None or offset > RESYNC or self._hopeless >= HOPELESS:
            self.reset()
            self._read = (timestamp - FRAME) & 0xFFFFFFFF
            offset = FRAME
        if offset < 0:
            self.late += 1
            if self._hopeless:
                return
            offset = self._wait_longer(self._read, offset)
        end = offset + len(payload)
        if end <= 0:
            return
        if offset < 0:
            payload, offset = payload[-offset:], 0
        self._write((self._read + offset) & 0xFFFFFFFF, payload, coding)
        self._ahead = max(self._ahead, end)

    def get(self) -> Coded | None:
        """The next 20 ms; None if nothing of it has come."""
        if self._read is None:
            return None
        start = self._read % RING
        frame = self._take(start)
        self._advance(FRAME)
        self._give_back()
        return frame

    def _wait_longer(self, read: int, offset: int) -> int:
        """Move the reading position back by whole frames, as far as the delay may grow."""
        frames_late = (-offset + FRAME - 1) // FRAME
        frames_left = max(0, MAX_DELAY - self._ahead) // FRAME
        back = min(frames_late, frames_left) * FRAME
        self._read = (read - back) & 0xFFFFFFFF
        self._ahead += back
        self._spare, self._frames = RING, 0
        return offset + back

    def _write(self, timestamp: int, payload: bytes, coding: int) -> None:
        start = timestamp % RING
        first = min(len(payload), RING - start)
        mark = bytes((coding,))
        for place, part in ((start, payload[:first]), (0, payload[first:])):
            self._ring[place : place + len(part)] = part
            self._codings[place : place + len(part)] = mark * len(part)

    def _look(self, start: int) -> Coded | None:
        end, over = start + FRAME, max(0, start + FRAME - RING)
        codings = bytes(self._codings[start:end] + self._codings[:over])
        if codings.count(0) == FRAME:
            return None
        return Coded(bytes(self._ring[start:end] + self._ring[:over]), codings)

    def _take(self, start: int) -> Coded | None:
        frame = self._look(start)
        if frame is not None:
            over = max(0, start + FRAME - RING)
            self._codings[start : start + FRAME] = bytes(FRAME - over)
            self._codings[:over] = bytes(over)
        return frame

    def _advance(self, samples: int) -> None:
        assert self._read is not None
        self._read = (self._read + samples) & 0xFFFFFFFF
        self._ahead = max(0, self._ahead - samples)

    def _give_back(self) -> None:
        self._spare = min(self._spare, self._ahead)
        self._frames += 1
        if self._frames < SHRINK_IN_PAUSE_AFTER or self._read is None:
            return
        if self._frames < SHRINK_AFTER and not self._can_spare_now(self._read % RING):
            return
        if self._spare >= 2 * FRAME:
            self._take(self._read % RING)
            self._advance(FRAME)
            self.skipped += 1
        self._spare, self._frames = RING, 0

    def _can_spare_now(self, start: int) -> bool:
        if self._spare < 2 * FRAME:
            return False
        frame = self._look(start)
        return frame is None or self._is_pause(frame)
