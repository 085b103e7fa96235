"""RTP packets (RFC 3550 §5.1)."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field

from sip.bridge.media.g711 import FRAME, FRAME_SECONDS

AHEAD_FRAMES = 50
"""Whoever goes on with a stream was told of it up to a second ago."""

_HEADER = struct.Struct("!BBHII")
HEADER_BYTES = _HEADER.size
OCTETS_PER_MS = 8
"""Of every codec that is spoken here; its timestamps count the same."""


@dataclass(frozen=True, slots=True)
class Packet:
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a stream of ours is: the next packet has this number, with its overflows counted, and
    this timestamp, without."""

    ssrc: int = field(default_factory=lambda: random.getrandbits(32))
    sequence: int = field(default_factory=lambda: random.getrandbits(15))
    timestamp: int = field(default_factory=lambda: random.getrandbits(31))

    def after(self, seconds: float) -> Sender:
        """Where it would be by now and a little further, so that no number is sent twice."""
        frames = int(seconds / FRAME_SECONDS) + AHEAD_FRAMES
        sequence, timestamp = self.sequence + frames, self.timestamp + FRAME * frames
        return Sender(self.ssrc, sequence, timestamp & 0xFFFFFFFF)


def build(packet: Packet) -> bytes:
    second = packet.payload_type | (0x80 if packet.marker else 0)
    header = _HEADER.pack(0x80, second, packet.sequence, packet.timestamp, packet.ssrc)
    return header + packet.payload


def is_rtp(data: bytes) -> bool:
    """As far as its header shows it, which nobody encrypts; the other is RTCP (RFC 5761 §4)."""
    return len(data) >= HEADER_BYTES and data[0] >> 6 == 2 and not 64 <= data[1] & 0x7F <= 95


def is_rtcp(data: bytes) -> bool:
    """The same, for who shares a port with RTP (RFC 5761 §4)."""
    return len(data) >= 8 and data[0] >> 6 == 2 and 192 <= data[1] <= 223


def parse(data: bytes) -> Packet | None:
    """None for what is not RTP: too short, another version, RTCP, or lengths that lie."""
    if not is_rtp(data):
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    payload_type = second & 0x7F
    start = HEADER_BYTES + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = len(data) - data[-1] if first & 0x20 else len(data)
    if start > end:
        return None
    return Packet(payload_type, sequence, timestamp, ssrc, data[start:end], bool(second & 0x80))


class Packetiser:
    """Makes packets of one length out of the 20 ms of the clock."""

    def __init__(self, packet_ms: int = 20) -> None:
        self._length = packet_ms * OCTETS_PER_MS
        self._waiting = b""
        self._timestamp = 0

    def add(self, payload: bytes, timestamp: int) -> list[tuple[int, bytes]]:
        """Timestamps and payloads of what is whole now."""
        if not self._waiting and len(payload) == self._length:
            return [(timestamp, payload)]
        if not self._waiting:
            self._timestamp = timestamp
        self._waiting += payload
        whole = []
        while len(self._waiting) >= self._length:
            whole.append(self._cut(self._length))
        return whole

    def flush(self) -> list[tuple[int, bytes]]:
        """What waits, as a shorter packet: nothing follows it at once."""
        return [self._cut(self._length)] if self._waiting else []

    def _cut(self, length: int) -> tuple[int, bytes]:
        timestamp, payload = self._timestamp, self._waiting[:length]
        self._waiting = self._waiting[length:]
        self._timestamp = (timestamp + len(payload)) & 0xFFFFFFFF
        return timestamp, payload
