"""The RTP end of one call: what the phone says and hears."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sip.bridge.media.address import Address, plain
from sip.bridge.media.codecs.payload_types import NAMES, PayloadTypes
from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm
from sip.bridge.media.held_back import HeldBack
from sip.bridge.media.key_reader import KeyReader
from sip.bridge.media.packet import Packet, Sender, build, is_rtcp, is_rtp, parse
from sip.bridge.media.playout.playout import Playout
from sip.bridge.media.rtcp.port import Phone, RtcpPort
from sip.bridge.media.rtcp.reporter import Reporter
from sip.bridge.media.sending import Sending
from sip.bridge.media.source import Source, Strangers, Told
from sip.bridge.media.srtp.protection import NOTHING_HEARD, Protection
from sip.bridge.media.srtp.suites import Keys
from sip.bridge.media.stats import Reception
from sip.bridge.media.tones.pressed_once import PressedOnce, Way

ECHO_SECONDS = 1.0
"""After a tone of ours in which the same may come back."""


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
        self._sending = Sending(sender, self._send)
        self.set_rate(SAMPLE_RATE)
        self._keys = KeyReader()
        self._pressed = PressedOnce()
        self._toned_until = 0.0
        self._source = Source()
        self._held_back = HeldBack()
        self._heard_ssrc: int | None = None
        self.protection = Protection(heard, reports)
        self.reception = Reception()
        self.reporter = Reporter(sender.ssrc, self.reception)
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
        self._playout = Playout(rate)
        self._playout.on_key = lambda key: self._press_heard(key, "tone", time.monotonic())
        self._sending.set_rate(rate)

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
        """Where the stream of ours is."""
        return self._sending.sender

    @property
    def codec_name(self) -> str:
        return NAMES[self._remote.payload_types.codec]

    @property
    def late_or_skipped(self) -> int:
        """Packets of sound that came after they were needed."""
        return self._playout.late

    @property
    def strangers(self) -> Strangers:
        return self._source.strangers

    def aim(self, remote: Remote, *, answered: bool = True) -> None:
        """Follow an offer or answer. Until it is `answered` (by the ACK, where the offer was
        theirs) a new address is sent nothing: what is said meanwhile is held back."""
        self._sending.follow(remote.payload_types)
        self._playout.listen_for_tones(remote.payload_types.tones)
        self._follow_keys(remote.keys)
        if self._source.tell(remote.told, time.monotonic(), answered=answered):
            self._held_back.begin()
        self._remote = remote
        self.rtcp.by_sound = self._send_report if remote.rtcp_mux else None

    def _follow_keys(self, keys: Keys | None) -> None:
        sender = self.protection.follow(keys, self.sender, sent=self.sent > 0)
        if sender.ssrc != self.sender.ssrc:
            self._sending.be_source(sender)
            self.reporter.begin_anew(sender.ssrc)

    def answered(self) -> None:
        """The ACK has come."""
        self._source.answer(time.monotonic())

    def press(self, keys: str) -> None:
        """Send keys to the phone: as events (RFC 4733), or as tones if it takes none."""
        self._sending.press(keys)

    @property
    def pressing(self) -> bool:
        return self._sending.pressing

    def key_by_info(self, key: str) -> None:
        """The phone has pressed a key, and said so by signalling: maybe not only there."""
        self._press_heard(key, "info", time.monotonic())

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
            self._playout.reset()
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
            self._playout.put(packet.timestamp, packet.payload, sound, now)
        elif packet.payload_type in numbers.keys:
            key = self._keys.read(packet, now)
            if key is not None:
                self._press_heard(key, "event", now)
        elif packet.payload_type in numbers.noise:
            self._playout.be_noise(packet.payload)

    def error_received(self, exc: Exception) -> None:
        """An ICMP answer from a phone that is gone; the media time-out decides about it."""

    def listen(self) -> Pcm | None:
        """The phone's next 20 ms; where they are missing its voice goes on for a moment, then None.
        A phone that has said so sends none in its pauses: they are filled with noise."""
        return self._playout.listen(time.monotonic())

    def speak(self, pcm: Pcm) -> Pcm | None:
        """Send 20 ms to the phone; keys that wait to be sent go first, in its place.

        Returns what left, if any: a frame of some time ago where the phone could not be sent to at
        once.
        """
        frame: Pcm | None = None
        now = time.monotonic()
        may_send = self._source.may_send(now)
        if self._sending.pressing and (may_send or not self._held_back.holds):
            self._sending.key()
            self._toned_until = now + ECHO_SECONDS
        elif (frame := self._held_back.through(pcm, may_send=may_send)) is not None:
            self._sending.sound(frame)
        else:
            self._sending.fall_silent()
        self._sending.go_on()
        return frame

    def pause(self) -> None:
        """20 ms in which nothing is said (hold)."""
        self._sending.fall_silent()
        self._sending.go_on()

    def _send(self, packet: Packet) -> bool:
        to, now = self._source.target, time.monotonic()
        if to is None or self._transport is None or not self._source.may_send(now):
            return False
        data = build(packet)
        self._transport.sendto(self.protection.seal(data), self._spelled(to))
        self._source.sent(len(packet.payload) / FRAME)
        self.reporter.sent(len(packet.payload), packet.timestamp, now)
        self.sent += 1
        return True

    def _press_heard(self, key: str, way: Way, now: float) -> None:
        """A tone just after one of ours is its echo."""
        if way == "tone" and now < self._toned_until:
            return
        if self._pressed.counts(key, way, now):
            self.on_key(key)

    def figures(self) -> dict[str, float]:
        """How well both sides hear each other."""
        buffered = 1000 * self._playout.delay
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
