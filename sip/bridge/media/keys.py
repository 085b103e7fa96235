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
PAUSES_MS = {"W": 500, ",": 2000, "P": 2000}
"""In a string of keys, as in CreateSIPParticipant's `dtmf`: `w` as LiveKit has it, and what is
written into telephone numbers (ITU-T V.250 §6.3.1.2, and `p` as mobile telephones do)."""

FRAME_MS = 20
SAMPLES_PER_FRAME = 160
END_COPIES = 3
"""The last packet of an event goes out three times (RFC 4733 §2.5.1.4)."""

EVENT = struct.Struct("!BBH")
"""Code, end bit and volume, duration in samples (RFC 4733 §2.3)."""

_VOLUME = 10


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """What goes out in one 20 ms slot instead of sound; `copies` of the same payload. It is the
    `index`th of the key of this `code`."""

    payload: bytes
    starts: bool
    copies: int = 1
    code: int = 0
    index: int = 0


class KeyWriter:
    """Keys waiting to be sent, one slot at a time. None in the queue is a slot of silence."""

    def __init__(self) -> None:
        self._slots: deque[KeyFrame | None] = deque()

    def __bool__(self) -> bool:
        return bool(self._slots)

    def press(self, keys: str) -> None:
        """Characters that are no keys are left out; `w` waits half a second, `,` and `p` two."""
        for key in keys.upper():
            if key in PAUSES_MS:
                self._slots.extend([None] * (PAUSES_MS[key] // FRAME_MS))
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
        payload = EVENT.pack(code, flags, SAMPLES_PER_FRAME * (index + 1))
        copies = END_COPIES if last else 1
        yield KeyFrame(payload, starts=index == 0, copies=copies, code=code, index=index)
