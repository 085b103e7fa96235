"""A jitter buffer on the timestamp line: sound is placed where it belongs, and read in its order.

The buffer is a ring of octets addressed by RTP timestamp, so packets of any length may come late,
twice or in any order. What is read moves the reading position on, whether it has come or not. A
packet that comes after its place was read moves it back, if nothing newer was read meanwhile.
"""

from __future__ import annotations

from typing import NamedTuple

from sip.bridge.media.g711 import FRAME
from sip.bridge.media.packet import OCTETS_PER_MS
from sip.bridge.media.playout.pace import LONGEST

RING = 1 << 14
"""Two seconds of octets; a power of two, so that places wrap with a mask."""

MAX_DELAY = int(LONGEST * 1000) * OCTETS_PER_MS
"""Later than this is a gap, not jitter."""

RESYNC = 3200
"""A timestamp this far ahead of the reading position (0.4 s) starts the line anew."""

HOPELESS = 5
"""So many packets in a row too late to wait for: the line of the sender has moved, follow it."""

IDLE = 3 * FRAME
"""After so much of nothing (60 ms) the line may go on at another place."""

LONGEST_PAYLOAD = 1600

HOLE, READ = 0, 0xFF
"""Marks of what has not come, and of what was read."""
KNOWN = 4096
"""Octets (0.5 s) for which it is still known what was read: nobody hears a packet twice."""

_SILENT = bytes((HOLE, READ))


class Piece(NamedTuple):
    """Octets that stand one after the other, in one coding; of a hole only the length."""

    length: int
    octets: bytes = b""
    coding: int = HOLE


class Place(NamedTuple):
    """Where a packet lies: octets until it is read, negative: too late. `waited`: octets by which
    all of the line is read later because of it. `anew`: it begins a line."""

    ahead: int
    waited: int = 0
    anew: bool = False


def _distance(timestamp: int, origin: int) -> int:
    """Signed difference of two 32-bit timestamps."""
    return ((timestamp - origin + 0x80000000) & 0xFFFFFFFF) - 0x80000000


class JitterBuffer:
    def __init__(self) -> None:
        self._ring = bytearray(RING)
        self._marks = bytearray(RING)
        self._read: int | None = None
        self._begun = False
        self._ahead = 0
        self._newest = 0
        self._idle = 0
        self._hopeless = 0
        self.late = 0

    @property
    def delay(self) -> int:
        """Octets between the reading position and the newest one."""
        return self._ahead

    @property
    def idle(self) -> bool:
        """Nothing was there to be read for a while."""
        return self._read is None or self._idle >= IDLE

    def reset(self) -> None:
        """Forget the line: the next packet starts a new one (a new source, or after a hold)."""
        self._read = None
        self._begun = False
        self._ahead = self._idle = self._hopeless = 0
        self._marks[:] = bytes(RING)

    def put(self, timestamp: int, payload: bytes, coding: int = 1) -> Place | None:
        """`coding` is any number from 1 to 254 that tells the reader how to decode it. None for
        what is no sound, or was there before."""
        if not 0 < len(payload) <= LONGEST_PAYLOAD:
            return None
        offset = 0 if self._read is None else _distance(timestamp, self._read)
        anew, waited = self._begins(timestamp, offset), 0
        if anew:
            self.reset()
            self._read, offset = timestamp, 0
        elif offset < 0:
            if self._was_read(offset):
                return None
            waited = self._wait(offset)
            offset += waited
        self._idle = 0
        self._write(offset, payload, coding)
        return Place(offset, waited, anew)

    def pull(self, most: int) -> Piece:
        """The next octets, at most so many, and all of one kind."""
        self._begun = True
        if self._read is None:
            return Piece(most)
        start = self._read % RING
        marks = self._look(self._marks, start, most)
        mark = marks[0]
        kind = _SILENT if mark in _SILENT else marks[:1]
        length = most - len(marks.lstrip(kind))
        octets = b""
        if mark not in _SILENT:
            octets = self._look(self._ring, start, length)
            self._mark(start, length, READ)
        self._advance(length)
        return Piece(length, octets, HOLE if mark in _SILENT else mark)

    def has(self, octets: int) -> bool:
        """Whether so many are there without a hole."""
        if octets > self._ahead or self._read is None:
            return False
        marks = self._look(self._marks, self._read % RING, octets)
        return HOLE not in marks and READ not in marks

    def _begins(self, timestamp: int, offset: int) -> bool:
        self._hopeless = self._hopeless + 1 if offset < -MAX_DELAY else 0
        if self._read is None or offset > RESYNC or self._hopeless >= HOPELESS:
            return True
        new = _distance(timestamp, self._newest) >= 0
        return self.idle and new and abs(offset) > MAX_DELAY

    def _was_read(self, offset: int) -> bool:
        """What came once more, or so late that nobody knows."""
        assert self._read is not None
        return offset >= -KNOWN and self._marks[(self._read + offset) % RING] == READ

    def _wait(self, offset: int) -> int:
        """Move the reading position back, unless something newer was read or that takes too long.
        A packet before the first one that is read is not late."""
        assert self._read is not None
        self.late += self._begun
        if -offset > MAX_DELAY - self._ahead:
            return 0
        if READ in self._look(self._marks, (self._read + offset) % RING, -offset):
            return 0
        self._read = (self._read + offset) & 0xFFFFFFFF
        self._ahead -= offset
        return -offset

    def _write(self, offset: int, payload: bytes, coding: int) -> None:
        assert self._read is not None
        end = offset + len(payload)
        if end <= 0:
            return
        if offset < 0:
            payload, offset = payload[-offset:], 0
        start = (self._read + offset) % RING
        first = min(len(payload), RING - start)
        self._ring[start : start + first] = payload[:first]
        self._ring[: len(payload) - first] = payload[first:]
        self._mark(start, len(payload), coding)
        if end > self._ahead:
            self._ahead, self._newest = end, (self._read + end) & 0xFFFFFFFF

    def _mark(self, start: int, length: int, mark: int) -> None:
        over = max(0, start + length - RING)
        self._marks[start : start + length - over] = bytes((mark,)) * (length - over)
        self._marks[:over] = bytes((mark,)) * over

    def _look(self, ring: bytearray, start: int, length: int) -> bytes:
        over = max(0, start + length - RING)
        return (
            bytes(ring[start : start + length] + ring[:over])
            if over
            else bytes(ring[start : start + length])
        )

    def _advance(self, octets: int) -> None:
        assert self._read is not None
        self._mark((self._read - KNOWN) % RING, octets, HOLE)
        self._read = (self._read + octets) & 0xFFFFFFFF
        self._idle = 0 if self._ahead else min(IDLE, self._idle + octets)
        self._ahead = max(0, self._ahead - octets)
