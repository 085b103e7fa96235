"""Telephone keys as RTP events (RFC 4733)."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

DIGITS = "0123456789*#ABCD"
EVENT_FMTP = "0-15"
KEY_MS = 160
GAP_MS = 80
PAUSE_MS = 500
"""`w` in a string of keys, as in CreateSIPParticipant's `dtmf`."""

FRAME_MS = 20
SAMPLES_PER_FRAME = 160
END_COPIES = 3
"""The last packet of an event goes out three times (RFC 4733 §2.5.1.4)."""

_EVENT = struct.Struct("!BBH")
_VOLUME = 10
_LONGEST = 0xFFFF


class KeyReader:
    """Hears each key once: at its first packet, whichever of the packets that is.

    Some carriers leave the marker bit out, and any packet may be lost, so a new timestamp is what
    makes a new key. A key held for more than 8 s goes on with a new timestamp (RFC 4733 §2.5.1.3).
    """

    def __init__(self) -> None:
        self._timestamp: int | None = None
        self._code = -1
        self._duration = 0
        self._open = False

    def read(self, timestamp: int, payload: bytes) -> str | None:
        if len(payload) < _EVENT.size:
            return None
        code, flags, duration = _EVENT.unpack_from(payload)
        same = timestamp == self._timestamp
        held = (
            self._open
            and code == self._code
            and self._duration == _LONGEST
            and self._timestamp is not None
            and timestamp == (self._timestamp + _LONGEST) & 0xFFFFFFFF
        )
        self._timestamp, self._code, self._duration = timestamp, code, duration
        self._open = not flags & 0x80
        if same or held or code >= len(DIGITS):
            return None
        return DIGITS[code]


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """What goes out in one 20 ms slot instead of sound; `copies` of the same payload."""

    payload: bytes
    starts: bool
    copies: int = 1


class KeyWriter:
    """Keys waiting to be sent, one slot at a time. None in the queue is a slot of silence."""

    def __init__(self) -> None:
        self._slots: deque[KeyFrame | None] = deque()

    def __bool__(self) -> bool:
        return bool(self._slots)

    def press(self, keys: str) -> None:
        """Characters that are no keys are left out; `w` waits half a second."""
        for key in keys.upper():
            if key == "W":
                self._slots.extend([None] * (PAUSE_MS // FRAME_MS))
            elif key in DIGITS:
                self._slots.extend(_frames(DIGITS.index(key)))
                self._slots.extend([None] * (GAP_MS // FRAME_MS))

    def next(self) -> KeyFrame | None:
        return self._slots.popleft()


def _frames(code: int) -> Iterator[KeyFrame]:
    count = KEY_MS // FRAME_MS
    for index in range(count):
        last = index == count - 1
        flags = (0x80 if last else 0) | _VOLUME
        payload = _EVENT.pack(code, flags, SAMPLES_PER_FRAME * (index + 1))
        yield KeyFrame(payload, starts=index == 0, copies=END_COPIES if last else 1)
