"""What is known of a call's sound in both directions, told to the phone and heard from it by RTCP.

No socket and no clock: `port` has both.
"""

from __future__ import annotations

import secrets
from collections import deque
from statistics import fmean

from sip.bridge.media.g711 import SAMPLE_RATE
from sip.bridge.media.packet import Packet
from sip.bridge.media.rtcp.holes import Holes
from sip.bridge.media.rtcp.packets import Block, Report, Sent, middle, ntp
from sip.bridge.media.rtcp.quality import PACKET_MS, measured, mos, rating
from sip.bridge.media.stats import Reception

KEPT = 120
"""Measurements of the round trip, and of the phone's jitter: ten minutes of them."""

REMEMBERED = 8
"""Sender reports of ours that an answer may still refer to."""

LONGEST_TRIP = 30.0
_WRAP = 1 << 32


class Reporter:
    """`now` is a steady clock's and `wall` the time of day, both in seconds."""

    def __init__(self, ssrc: int, reception: Reception) -> None:
        self.reception = reception
        self.holes = Holes()
        self.heard_ssrc: int | None = None
        self._ssrc = ssrc
        # Another name for each call: who calls whom is nobody's business (RFC 7022 §4.2).
        self._cname = secrets.token_urlsafe(12)
        self._packets = self._octets = self._timestamp = 0
        self._sent_at: float | None = None
        self._told_packets = 0
        self._their_sr: tuple[int, float] | None = None
        self._our_srs: deque[int] = deque(maxlen=REMEMBERED)
        self._trips: deque[float] = deque(maxlen=KEPT)
        self._their_jitter: deque[float] = deque(maxlen=KEPT)
        self._their_loss: float | None = None
        self._before = (0, 0)
        self.reports = 0

    def begin_anew(self, ssrc: int) -> None:
        """We are another source from now on, which has sent nothing yet."""
        self._ssrc = ssrc
        self._packets = self._octets = self._told_packets = 0
        self._our_srs.clear()

    def received(self, packet: Packet, now: float) -> None:
        """Of the phone, in the order of arrival."""
        if packet.ssrc != self.heard_ssrc:
            self.heard_ssrc, self._their_sr = packet.ssrc, None
        self.holes.heard(packet, now)

    def sent(self, octets: int, timestamp: int, now: float) -> None:
        """A packet of ours has left; `octets` are those of its payload."""
        self._packets += 1
        self._octets += octets
        self._timestamp, self._sent_at = timestamp, now

    def take(self, report: Report, now: float, wall: float) -> None:
        """What the phone says."""
        self.reports += 1
        if report.sent is not None and report.ssrc == self.heard_ssrc:
            self._their_sr = middle(report.sent.ntp), now
        for block in report.blocks:
            if block.ssrc == self._ssrc:
                self._read(block, wall)

    def report(self, now: float, wall: float, *, bye: bool = False) -> Report:
        """What we say: a sender report if anything was sent since the last one."""
        time = ntp(wall)
        sent = None
        if self._packets != self._told_packets and self._sent_at is not None:
            since = int((now - self._sent_at) * SAMPLE_RATE)
            timestamp = (self._timestamp + since) % _WRAP
            sent = Sent(time, timestamp, self._packets % _WRAP, self._octets % _WRAP)
            self._told_packets = self._packets
            self._our_srs.append(middle(time))
        return Report(self._ssrc, sent, self._blocks(now), self._cname, bye)

    def figures(self, codec: str, buffer_ms: float, now: float) -> dict[str, float]:
        """For the record. What was never measured is left out; `buffer_ms` is what our jitter
        buffer holds."""
        reception = self.reception
        found: dict[str, float] = {"longest_hole_ms": self.holes.longest_ms(now)}
        trip = 1000 * fmean(self._trips) if self._trips else None
        if trip is not None:
            found["round_trip_ms"] = round(trip, 1)
        if self._their_jitter:
            found["jitter_sent_ms"] = round(fmean(self._their_jitter), 2)
        losses = {"": reception.loss, "_sent": self._their_loss}
        delay = PACKET_MS + (trip or 0.0) / 2 + buffer_ms
        for direction, loss in losses.items():
            if loss is None:
                continue
            found[f"loss{direction}_pct"] = round(100 * loss, 2)
            if measured(codec):
                # What we hear we conceal; what the phone does is not known.
                known = rating(codec, loss=loss, delay_ms=delay, concealed=not direction)
                found[f"mos{direction}"] = round(mos(known), 2)
        return found

    def _read(self, block: Block, wall: float) -> None:
        self._their_jitter.append(block.jitter * 1000 / SAMPLE_RATE)
        if self._packets:
            self._their_loss = min(1.0, max(0, block.lost) / self._packets)
        if block.last_sr in self._our_srs:
            elapsed = (middle(ntp(wall)) - block.last_sr) % _WRAP / 65536
            trip = elapsed - block.delay
            if 0 <= trip <= LONGEST_TRIP:
                self._trips.append(trip)

    def _blocks(self, now: float) -> tuple[Block, ...]:
        if self.heard_ssrc is None:
            return ()
        expected, received = self.reception.expected, self.reception.received
        fresh, came = expected - self._before[0], received - self._before[1]
        self._before = expected, received
        last_sr, delay = 0, 0.0
        if self._their_sr is not None:
            last_sr, delay = self._their_sr[0], now - self._their_sr[1]
        return (
            Block(
                self.heard_ssrc,
                max(0.0, (fresh - came) / fresh) if fresh > 0 else 0.0,
                expected - received,
                self.reception.highest,
                int(self.reception.jitter_samples),
                last_sr,
                delay,
            ),
        )
