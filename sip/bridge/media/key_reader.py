"""Which RFC 4733 packets are one key: by what goes on between them, not by their timestamps alone.

Relays give packets of one key new timestamps, or a new SSRC; others never move the timestamp;
many leave the marker bit out; and packets are lost, doubled and overtaken. What all of them keep is
that the duration of a key goes on as time does, and starts anew with the next.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from sip.bridge.media.g711 import SAMPLE_RATE
from sip.bridge.media.keys import DIGITS, EVENT
from sip.bridge.media.packet import Packet

RECENT = 8
"""Keys whose late packets are still known."""

OVERTAKEN = 50
"""So far back a sequence number is a late packet; a second of sound."""

MOST_CLOCKS = 1024
"""Timestamps of one key: 20 s of a sender that moves it with each packet."""

COPY_SECONDS = 0.07
"""Copies of a key's end under new timestamps come within this (one each 20 or 50 ms). A second
press of which only the end arrives lasts 40 ms, and comes after a pause of 40 ms."""

STALE_SECONDS = 0.5
"""Nobody sends copies of an end for so long: the same timestamp is a sender whose clock stands."""

JITTER_SECONDS = 0.15
"""By so much a packet may come later than its duration says."""

STEADY = 400
"""Samples (50 ms) between packets of a sender whose durations do not move."""

REORDERED = 800
"""Samples (100 ms) by which packets of two sources may have overtaken each other."""

SEGMENT = 0xFFFF
"""A key held for more than 8 s goes on under a new timestamp (RFC 4733 §2.5.1.3)."""

NEARLY_A_SEGMENT = 0xE000


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """One packet of a key."""

    code: int
    ended: bool
    duration: int
    sequence: int
    timestamp: int
    ssrc: int
    at: float

    @classmethod
    def of(cls, packet: Packet, now: float) -> TelephoneEvent | None:
        if len(packet.payload) < EVENT.size:
            return None
        code, flags, duration = EVENT.unpack_from(packet.payload)
        sent = packet.sequence, packet.timestamp, packet.ssrc
        return cls(code, bool(flags & 0x80), duration, *sent, at=now)

    @property
    def clock(self) -> tuple[int, int]:
        return self.ssrc, self.timestamp

    def step_after(self, other: TelephoneEvent) -> int | None:
        """How much later it was sent; None where the numbers tell nothing, of another source."""
        if other.ssrc != self.ssrc:
            return None
        return ((self.sequence - other.sequence + 0x8000) & 0xFFFF) - 0x8000


class Key:
    """What is known of one press: its newest packet, and every timestamp it came under."""

    def __init__(self, first: TelephoneEvent) -> None:
        self.last = first
        self._clocks = {first.clock}

    def came_under(self, event: TelephoneEvent) -> bool:
        return event.code == self.last.code and event.clock in self._clocks

    def add(self, event: TelephoneEvent) -> None:
        """A packet that was overtaken says nothing new, except that the key has ended."""
        if len(self._clocks) < MOST_CLOCKS:
            self._clocks.add(event.clock)
        step = event.step_after(self.last)
        if step is None or step > 0:
            self.last = event
        elif event.ended and event.clock == self.last.clock:
            self.last = replace(self.last, ended=True)

    def goes_on(self, event: TelephoneEvent) -> bool:
        """Whether a packet under one of its timestamps is still this press: a sender whose clock
        stands sends the next one under the same."""
        last = self.last
        step = event.step_after(last)
        if event.clock != last.clock or (step is not None and step <= 0):
            return True
        if last.ended:
            return event.ended and event.at - last.at < STALE_SECONDS
        return event.ended or event.duration >= last.duration or _wraps(last, event)

    def takes_in(self, event: TelephoneEvent) -> bool:
        """Whether a packet under a new timestamp, or of a new source, is this press even so."""
        last = self.last
        step = event.step_after(last)
        if event.code != last.code:
            return False
        if step is not None and -OVERTAKEN < step <= 0:
            return True
        silence = event.at - last.at
        if event.ended and silence < (JITTER_SECONDS if step == 1 else COPY_SECONDS):
            return event.duration >= last.duration or not last.ended
        if last.ended:
            return False
        if _wraps(last, event):
            return True
        grown = event.duration - last.duration
        if step is None and -REORDERED <= grown <= 0:
            return silence < COPY_SECONDS  # overtaken just when the source changed
        if grown == 0:
            return step == 1 and _moved(last, event) <= STEADY
        return grown > 0 and silence < grown / SAMPLE_RATE + JITTER_SECONDS


class KeyReader:
    """Hears each key once: at its first packet, whichever of the packets that is."""

    def __init__(self) -> None:
        self._keys: deque[Key] = deque(maxlen=RECENT)
        """The newest first."""

    def read(self, packet: Packet, now: float) -> str | None:
        """`now` is when it arrived, in seconds on any steady clock."""
        event = TelephoneEvent.of(packet, now)
        if event is None or event.code >= len(DIGITS):
            return None
        key = self._key_of(event)
        if key is not None:
            key.add(event)
            return None
        self._keys.appendleft(Key(event))
        return DIGITS[event.code]

    def _key_of(self, event: TelephoneEvent) -> Key | None:
        same = next((key for key in self._keys if key.came_under(event)), None)
        if same is not None:
            return same if same.goes_on(event) else None
        return next((key for key in self._keys if key.takes_in(event)), None)


def _wraps(last: TelephoneEvent, event: TelephoneEvent) -> bool:
    """A key of more than 8 s: its duration starts again in the next segment, or overflows."""
    full = last.duration >= NEARLY_A_SEGMENT and event.duration <= SEGMENT - NEARLY_A_SEGMENT
    return full or (last.ssrc == event.ssrc and _moved(last, event) == SEGMENT)


def _moved(last: TelephoneEvent, event: TelephoneEvent) -> int:
    return (event.timestamp - last.timestamp) & 0xFFFFFFFF
