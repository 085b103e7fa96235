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
class Report:
    """One packet of a key."""

    code: int
    ended: bool
    duration: int
    sequence: int
    timestamp: int
    ssrc: int
    at: float

    @classmethod
    def of(cls, packet: Packet, now: float) -> Report | None:
        if len(packet.payload) < EVENT.size:
            return None
        code, flags, duration = EVENT.unpack_from(packet.payload)
        sent = packet.sequence, packet.timestamp, packet.ssrc
        return cls(code, bool(flags & 0x80), duration, *sent, at=now)

    @property
    def clock(self) -> tuple[int, int]:
        return self.ssrc, self.timestamp

    def step_after(self, other: Report) -> int | None:
        """How much later it was sent; None where the numbers tell nothing, of another source."""
        if other.ssrc != self.ssrc:
            return None
        return ((self.sequence - other.sequence + 0x8000) & 0xFFFF) - 0x8000


class Key:
    """What is known of one press: its newest packet, and every timestamp it came under."""

    def __init__(self, first: Report) -> None:
        self.last = first
        self._clocks = {first.clock}

    def came_under(self, report: Report) -> bool:
        return report.code == self.last.code and report.clock in self._clocks

    def add(self, report: Report) -> None:
        """A packet that was overtaken says nothing new, except that the key has ended."""
        if len(self._clocks) < MOST_CLOCKS:
            self._clocks.add(report.clock)
        step = report.step_after(self.last)
        if step is None or step > 0:
            self.last = report
        elif report.ended and report.clock == self.last.clock:
            self.last = replace(self.last, ended=True)

    def goes_on(self, report: Report) -> bool:
        """Whether a packet under one of its timestamps is still this press: a sender whose clock
        stands sends the next one under the same."""
        last = self.last
        step = report.step_after(last)
        if report.clock != last.clock or (step is not None and step <= 0):
            return True
        if last.ended:
            return report.ended and report.at - last.at < STALE_SECONDS
        return report.ended or report.duration >= last.duration or _wraps(last, report)

    def takes_in(self, report: Report) -> bool:
        """Whether a packet under a new timestamp, or of a new source, is this press even so."""
        last = self.last
        step = report.step_after(last)
        if report.code != last.code:
            return False
        if step is not None and -OVERTAKEN < step <= 0:
            return True
        silence = report.at - last.at
        if report.ended and silence < (JITTER_SECONDS if step == 1 else COPY_SECONDS):
            return report.duration >= last.duration or not last.ended
        if last.ended:
            return False
        if _wraps(last, report):
            return True
        grown = report.duration - last.duration
        if step is None and -REORDERED <= grown <= 0:
            return silence < COPY_SECONDS  # overtaken just when the source changed
        if grown == 0:
            return step == 1 and _moved(last, report) <= STEADY
        return grown > 0 and silence < grown / SAMPLE_RATE + JITTER_SECONDS


class KeyReader:
    """Hears each key once: at its first packet, whichever of the packets that is."""

    def __init__(self) -> None:
        self._keys: deque[Key] = deque(maxlen=RECENT)
        """The newest first."""

    def read(self, packet: Packet, now: float) -> str | None:
        """`now` is when it arrived, in seconds on any steady clock."""
        report = Report.of(packet, now)
        if report is None or report.code >= len(DIGITS):
            return None
        key = self._key_of(report)
        if key is not None:
            key.add(report)
            return None
        self._keys.appendleft(Key(report))
        return DIGITS[report.code]

    def _key_of(self, report: Report) -> Key | None:
        same = next((key for key in self._keys if key.came_under(report)), None)
        if same is not None:
            return same if same.goes_on(report) else None
        return next((key for key in self._keys if key.takes_in(report)), None)


def _wraps(last: Report, report: Report) -> bool:
    """A key of more than 8 s: its duration starts again in the next segment, or overflows."""
    full = last.duration >= NEARLY_A_SEGMENT and report.duration <= SEGMENT - NEARLY_A_SEGMENT
    return full or (last.ssrc == report.ssrc and _moved(last, report) == SEGMENT)


def _moved(last: Report, report: Report) -> int:
    return (report.timestamp - last.timestamp) & 0xFFFFFFFF
