"""The longest time without sound from a phone that should be sending some."""

from __future__ import annotations

from sip.bridge.media.g711 import SAMPLE_RATE
from sip.bridge.media.packet import Packet

SETTLE_SECONDS = 1.0
"""So long a phone may take to begin, and to stop before it hangs up: no hole is made of that."""

_LONGEST_PACKET = 0.06


class Holes:
    """Times are seconds of one steady clock. A pause that the phone makes itself (silence that it
    does not send) shows in its timestamps and is no hole."""

    def __init__(self) -> None:
        self._longest = 0.0
        self._expected_since: float | None = None
        self._heard_at: float | None = None
        self._sequence = 0
        self._timestamp = 0
        self._packet_seconds = 0.02
        self._pauses = False

    def expect(self, wanted: bool, now: float) -> None:
        """Whether sound ought to come; on hold, or from a phone that only listens, it ought not."""
        if not wanted:
            self._close(now)
            self._expected_since = None
        elif self._expected_since is None:
            self._expected_since = now
            self._heard_at = None

    def heard(self, packet: Packet, now: float) -> None:
        if self._expected_since is not None:
            self._note(packet, now)
        self._heard_at, self._sequence = now, packet.sequence
        self._timestamp = packet.timestamp

    def longest_ms(self, now: float) -> float:
        return round(1000 * max(self._longest, self._open(now)), 1)

    def _note(self, packet: Packet, now: float) -> None:
        if self._heard_at is None:
            self._longest = max(self._longest, self._open(now))
            return
        step = ((packet.sequence - self._sequence + 0x8000) & 0xFFFF) - 0x8000
        sound = ((packet.timestamp - self._timestamp) & 0xFFFFFFFF) / SAMPLE_RATE
        covered = self._packet_seconds
        if step == 1 and 0 < sound <= _LONGEST_PACKET:
            self._packet_seconds = covered = sound
        elif step == 1 and _LONGEST_PACKET < sound < now - self._heard_at + SETTLE_SECONDS:
            self._pauses, covered = True, sound
        self._longest = max(self._longest, now - self._heard_at - covered)

    def _close(self, now: float) -> None:
        self._longest = max(self._longest, self._open(now))

    def _open(self, now: float) -> float:
        """What is missing at this moment."""
        since = self._heard_at if self._heard_at is not None else self._expected_since
        if self._expected_since is None or since is None or self._pauses:
            return 0.0
        missing = now - max(since, self._expected_since)
        return missing if missing > SETTLE_SECONDS else 0.0
