"""The RTP end of one call: what the phone says and hears."""

from __future__ import annotations

import asyncio
import ipaddress
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from sip.bridge.media.g711 import FRAME, Codec, Pcm, codec
from sip.bridge.media.jitter import JitterBuffer
from sip.bridge.media.key_reader import KeyReader
from sip.bridge.media.keys import KeyWriter
from sip.bridge.media.packet import Packet, build, parse
from sip.bridge.media.ports import Ports
from sip.bridge.media.stats import Reception

Address = tuple[str, int]

RELATCH_SECONDS = 2.0
"""A phone behind a changed NAT binding may come from a new port after this long a silence."""


@dataclass(frozen=True)
class Remote:
    """Where and how to send, as the other side's SDP says."""

    address: Address | None
    payload_type: int
    key_payload_type: int | None


class RtpStream(asyncio.DatagramProtocol):
    """Symmetric RTP: answers go where the phone's packets come from, whatever its SDP said.

    Packets of anybody else are dropped, so a stranger cannot talk into the call.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._transport: asyncio.DatagramTransport | None = None
        self.port = 0
        self._remote = Remote(None, 0, None)
        self._codec: Codec = codec(0)
        self._jitter = JitterBuffer(self._codec.silence, self._codec.is_pause)
        self._keys_in = KeyReader()
        self._keys_out = KeyWriter()
        self._latched: Address | None = None
        self._source: int | None = None
        self._sequence = random.getrandbits(16)
        self._timestamp = random.getrandbits(32)
        self._key_timestamp = 0
        self._ssrc = random.getrandbits(32)
        self._talkspurt = True
        self._last_pcm: Pcm | None = None
        self.reception = Reception()
        self.sent = 0
        self.heard_at: float | None = None
        self.first_packet = asyncio.Event()
        self.on_key: Callable[[str], None] = lambda key: None

    @classmethod
    async def open(cls, ports: Ports) -> RtpStream:
        """Raises NoPortError."""
        stream = cls(ports)
        stream._transport, stream.port = await ports.open(lambda: stream)
        return stream

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            self._ports.release(self.port)

    @property
    def codec_name(self) -> str:
        return self._codec.name

    @property
    def late_or_skipped(self) -> int:
        return self._jitter.late + self._jitter.skipped

    def aim(self, remote: Remote) -> None:
        """Follow an offer or answer: a new address is learnt anew from the packets that come."""
        if remote.payload_type != self._remote.payload_type:
            self._codec = codec(remote.payload_type)
            self._jitter = JitterBuffer(self._codec.silence, self._codec.is_pause)
        if remote.address != self._remote.address:
            self._latched = None
        self._remote = remote

    def press(self, keys: str) -> None:
        """Send keys to the phone, if it understands telephone events."""
        if self._remote.key_payload_type is not None:
            self._keys_out.press(keys)

    @property
    def pressing(self) -> bool:
        return bool(self._keys_out)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        packet = parse(data)
        if packet is None or not self._is_phone(addr):
            return
        now = time.monotonic()
        self.heard_at = now
        if packet.ssrc != self._source:
            self._source = packet.ssrc
            self._jitter.reset()
        self.reception.note(packet.sequence, packet.timestamp, now)
        if packet.payload_type == self._remote.key_payload_type:
            key = self._keys_in.read(packet, now)
            if key is not None:
                self.on_key(key)
        elif packet.payload_type == self._remote.payload_type:
            self._jitter.put(packet.timestamp, packet.payload)
        self.first_packet.set()

    def error_received(self, exc: Exception) -> None:
        """An ICMP answer from a phone that is gone; the media time-out decides about it."""

    def listen(self) -> Pcm | None:
        """The phone's next 20 ms; a lost frame is bridged once at half its loudness, then None."""
        payload = self._jitter.get()
        if payload is None:
            bridged, self._last_pcm = self._last_pcm, None
            return None if bridged is None else bridged >> 1
        self._last_pcm = self._codec.decode(payload)
        return self._last_pcm

    def speak(self, pcm: Pcm) -> None:
        """Send 20 ms to the phone; keys that wait to be sent go first, in its place."""
        if self._keys_out:
            self._send_key()
        else:
            self._send(self._remote.payload_type, self._codec.encode(pcm), self._timestamp)
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF

    def _send_key(self) -> None:
        frame = self._keys_out.next()
        payload_type = self._remote.key_payload_type
        self._talkspurt = True
        if frame is None or payload_type is None:
            return
        if frame.starts:
            self._key_timestamp = self._timestamp
        self._talkspurt = frame.starts
        for _ in range(frame.copies):
            self._send(payload_type, frame.payload, self._key_timestamp)
        self._talkspurt = True

    def _send(self, payload_type: int, payload: bytes, timestamp: int) -> None:
        to = self._latched or self._remote.address
        if to is None or self._transport is None:
            return
        packet = Packet(
            payload_type, self._sequence, timestamp, self._ssrc, payload, self._talkspurt
        )
        self._transport.sendto(build(packet), to)
        self._talkspurt = False
        self._sequence = (self._sequence + 1) & 0xFFFF
        self.sent += 1

    def _is_phone(self, address: Address) -> bool:
        """The first to come is the phone; later only its host may take over, after a silence."""
        if address == self._latched:
            return True
        if self._latched is not None:
            hosts = {self._latched[0], self._remote.address[0] if self._remote.address else None}
            silent = self.heard_at is None or time.monotonic() - self.heard_at > RELATCH_SECONDS
            if address[0] not in hosts or not silent:
                return False
        self._latched = address
        return True


def usable_address(host: str, port: int) -> Address | None:
    """A literal unicast address and a real port, or None: a name would be looked up inside sendto.

    `0.0.0.0` is the old way to say hold (RFC 3264 §8.4) and is no address to send to either.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        return None
    return (str(address), port) if 1024 <= port <= 65535 else None
