"""The RTP end of one call: what the phone says and hears."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sip.bridge.media.address import Address, plain
from sip.bridge.media.codecs.comfort_noise import ComfortNoise
from sip.bridge.media.codecs.concealment import Concealment
from sip.bridge.media.codecs.decoder import Decoder, coding
from sip.bridge.media.codecs.encoder import encoder
from sip.bridge.media.codecs.payload_types import NAMES, PayloadTypes
from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm
from sip.bridge.media.held_back import HeldBack
from sip.bridge.media.jitter import JitterBuffer
from sip.bridge.media.key_reader import KeyReader
from sip.bridge.media.keys import KeyWriter
from sip.bridge.media.packet import Packet, Packetiser, Sender, build, is_rtcp, is_rtp, parse
from sip.bridge.media.rtcp.port import Phone, RtcpPort
from sip.bridge.media.rtcp.reporter import Reporter
from sip.bridge.media.source import Source, Strangers, Told
from sip.bridge.media.srtp.protection import NOTHING_HEARD, Protection
from sip.bridge.media.srtp.suites import Keys
from sip.bridge.media.stats import Reception


@dataclass(frozen=True)
class Remote:
    """Where and how to send, as the other side's SDP says."""

    address: Address | None
    payload_types: PayloadTypes = field(default_factory=PayloadTypes)
    hosts: frozenset[str] = frozenset()
    """Where the signalling comes from."""
    behind_nat: bool = False
    rtcp: Address | None = None
    """Where reports on the sound go."""
    keys: Keys | None = None
    """None where the sound is not encrypted."""
    rtcp_mux: bool = False
    """Whether reports go by the port of the sound."""

    @property
    def told(self) -> Told:
        return Told(self.address, self.hosts, self.behind_nat)


class RtpStream(asyncio.DatagramProtocol):
    """Sends to the phone and hears it, and nobody else: `Source` says who and where it is."""

    def __init__(
        self,
        bound: socket.socket,
        sender: Sender,
        *,
        heard: Mapping[int, int] = NOTHING_HEARD,
        reports: int = 0,
    ) -> None:
        """`bound` is the stream's from now on; `heard` and `reports` are as `Protection` wants
        them of an earlier stream of the call."""
        self._bound = bound
        self._six = bound.family == socket.AF_INET6
        self._transport: asyncio.DatagramTransport | None = None
        self._remote = Remote(None)
        self.set_rate(SAMPLE_RATE)
        self._noise = ComfortNoise()
        self._packetiser = Packetiser()
        self._keys_in = KeyReader()
        self._keys_out = KeyWriter()
        self._source = Source()
        self._held_back = HeldBack()
        self._heard_ssrc: int | None = None
        self.protection = Protection(heard, reports)
        self._sequence = sender.sequence
        self._timestamp = sender.timestamp
        self._key_timestamp = 0
        self._ssrc = sender.ssrc
        self._talkspurt = True
        self._concealment = Concealment()
        self.reception = Reception()
        self.reporter = Reporter(self._ssrc, self.reception)
        self.rtcp = RtcpPort(self.reporter, self._whereabouts, self.protection)
        self.sent = 0
        self.unreadable = 0
        """Packets of the phone that are not encrypted with its key, or came again."""
        self.heard_at: float | None = None
        self.first_packet = asyncio.Event()
        self.on_key: Callable[[str], None] = lambda key: None

    async def start(self) -> None:
        """Hear the phone from now on; what `aim` has said before is what counts as the phone."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self._bound)
        host, port = self._bound.getsockname()[:2]
        await self.rtcp.open(host, port + 1)

    def set_rate(self, rate: int) -> None:
        """Of the samples on both sides, for the whole call; said before any sound."""
        self.rate = rate
        self._samples = rate * FRAME // SAMPLE_RATE
        self._decoder = Decoder(rate)
        self._concealment = Concealment(rate)
        self._jitter = JitterBuffer(self._decoder.may_go_unheard)
        self._encode = encoder(self._remote.payload_types.codec, rate)

    def close(self) -> None:
        self.rtcp.close()
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        else:
            self._bound.close()

    @property
    def port(self) -> int:
        """0 once it is closed."""
        return 0 if self._transport is None else self._transport.get_extra_info("sockname")[1]

    @property
    def socket(self) -> int:
        """The number of its open socket."""
        return self._bound.fileno()

    @property
    def sender(self) -> Sender:
        return Sender(self._ssrc, self._sequence, self._timestamp)

    @property
    def codec_name(self) -> str:
        return NAMES[self._remote.payload_types.codec]

    @property
    def late_or_skipped(self) -> int:
        return self._jitter.late + self._jitter.skipped

    @property
    def strangers(self) -> Strangers:
        return self._source.strangers

    def aim(self, remote: Remote, *, answered: bool = True) -> None:
        """Follow an offer or answer. Until it is `answered` (by the ACK, where the offer was
        theirs) a new address is sent nothing: what is said meanwhile is held back."""
        numbers, before = remote.payload_types, self._remote.payload_types
        if (numbers.codec, numbers.packet_ms) != (before.codec, before.packet_ms):
            self._encode = encoder(numbers.codec, self.rate)
            self._packetiser = Packetiser(numbers.packet_ms)
        self._follow_keys(remote.keys)
        if self._source.tell(remote.told, time.monotonic(), answered=answered):
            self._held_back.begin()
        self._remote = remote
        self.rtcp.by_sound = self._send_report if remote.rtcp_mux else None

    def _follow_keys(self, keys: Keys | None) -> None:
        sender = self.protection.follow(keys, self.sender, sent=self.sent > 0)
        if sender.ssrc != self._ssrc:
            self._ssrc, self._sequence = sender.ssrc, sender.sequence
            self.reporter.begin_anew(self._ssrc)

    def answered(self) -> None:
        """The ACK has come."""
        self._source.answer(time.monotonic())

    def press(self, keys: str) -> None:
        """Send keys to the phone, if it understands telephone events."""
        if self._remote.payload_types.sends_keys is not None:
            self._keys_out.press(keys)

    @property
    def pressing(self) -> bool:
        return bool(self._keys_out)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        address = (plain(addr[0]), addr[1])
        if self._remote.rtcp_mux and is_rtcp(data):
            self.rtcp.received(data, address)
            return
        opened = self._opened(data, address)
        packet = parse(opened) if opened is not None else None
        if packet is None:
            return
        now = time.monotonic()
        if not self._is_phone(packet, address, now):
            return
        self.heard_at = now
        if packet.ssrc != self._heard_ssrc:
            self._heard_ssrc = packet.ssrc
            self._jitter.reset()
        is_key = packet.payload_type in self._remote.payload_types.keys
        self.reception.note(packet.sequence, packet.timestamp, now, timed=not is_key)
        self.reporter.received(packet, now)
        self._read(packet, now)
        self.first_packet.set()

    def _opened(self, data: bytes, address: Address) -> bytes | None:
        """None for what was not encrypted with the phone's key, whoever sent it."""
        if not is_rtp(data):
            return data
        opened = self.protection.open(data)
        if opened is None and self._source.unreadable(address):
            self.unreadable += 1
        return opened

    def _read(self, packet: Packet, now: float) -> None:
        numbers = self._remote.payload_types
        sound = numbers.decodes.get(packet.payload_type)
        if sound is not None:
            self._noise.end()
            self._jitter.put(packet.timestamp, packet.payload, coding(sound))
        elif packet.payload_type in numbers.keys:
            key = self._keys_in.read(packet, now)
            if key is not None:
                self.on_key(key)
        elif packet.payload_type in numbers.noise:
            self._noise.begin(packet.payload)

    def error_received(self, exc: Exception) -> None:
        """An ICMP answer from a phone that is gone; the media time-out decides about it."""

    def listen(self) -> Pcm | None:
        """The phone's next 20 ms; where they are missing its voice goes on for a moment, then None.
        A phone that has said so sends none in its pauses: they are filled with noise."""
        frame = self._jitter.get()
        if frame is not None:
            return self._concealment.heard(self._decoder.decode(frame))
        if self._noise.on:
            self._concealment.forget()
            return self._noise.frame(self._samples)
        return self._concealment.missing()

    def speak(self, pcm: Pcm) -> Pcm | None:
        """Send 20 ms to the phone; keys that wait to be sent go first, in its place.

        Returns what left, if any: a frame of some time ago where the phone could not be sent to at
        once.
        """
        frame: Pcm | None = None
        may_send = self._source.may_send(time.monotonic())
        if self._keys_out and (may_send or not self._held_back.holds):
            self._send_key()
        elif (frame := self._held_back.through(pcm, may_send=may_send)) is not None:
            self._send_sound(self._packetiser.add(self._encode(frame), self._timestamp))
        else:
            self._fall_silent()
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF
        return frame

    def pause(self) -> None:
        """20 ms in which nothing is said (hold): time goes on, and what comes next begins anew
        (RFC 3550 §5.1)."""
        self._fall_silent()
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF

    def _fall_silent(self) -> None:
        self._packetiser.flush()
        self._talkspurt = True

    def _send_sound(self, packets: list[tuple[int, bytes]]) -> None:
        for timestamp, payload in packets:
            self._send(self._remote.payload_types.sends, payload, timestamp)

    def _send_key(self) -> None:
        self._send_sound(self._packetiser.flush())
        self._talkspurt = True
        frame = self._keys_out.next()
        payload_type = self._remote.payload_types.sends_keys
        if frame is None or payload_type is None:
            return
        if frame.starts:
            self._key_timestamp = self._timestamp
        self._talkspurt = frame.starts
        for _ in range(frame.copies):
            self._send(payload_type, frame.payload, self._key_timestamp)
        self._talkspurt = True

    def _send(self, payload_type: int, payload: bytes, timestamp: int) -> None:
        to = self._source.target
        if to is None or self._transport is None or not self._source.may_send(time.monotonic()):
            return
        number = self._sequence & 0xFFFF
        packet = Packet(payload_type, number, timestamp, self._ssrc, payload, self._talkspurt)
        data = build(packet)
        self._transport.sendto(self.protection.seal(data), self._spelled(to))
        self._source.sent(len(payload) / FRAME)
        self.reporter.sent(len(payload), timestamp, time.monotonic())
        self._talkspurt = False
        self._sequence += 1
        self.sent += 1

    def figures(self) -> dict[str, float]:
        """How well both sides hear each other."""
        buffered = self._jitter.delay * 1000 / SAMPLE_RATE
        return self.reporter.figures(self.codec_name, buffered, time.monotonic())

    def _send_report(self, report: bytes, to: Address) -> None:
        if self._transport is not None:
            self._transport.sendto(report, self._spelled(to))

    def _whereabouts(self) -> Phone | None:
        source = self._source
        sound = source.target
        if sound is None or not (source.settled and source.may_send(time.monotonic())):
            return None
        if self._remote.rtcp_mux:
            return Phone(sound[0], sound)
        return Phone(sound[0], self._remote.rtcp if sound == self._remote.address else None)

    def _spelled(self, to: Address) -> Address:
        """A socket of IPv6 reaches IPv4 under its mapped address."""
        return (f"::ffff:{to[0]}", to[1]) if self._six and ":" not in to[0] else to

    def _is_phone(self, packet: Packet, address: Address, now: float) -> bool:
        agreed = self._remote.payload_types.agreed(packet.payload_type)
        return self._source.is_phone(packet, address, now, agreed=agreed)
