"""What goes to the phone, packet by packet: sound, keys, and the numbers on them."""

from __future__ import annotations

from collections.abc import Callable

from sip.bridge.media.codecs.encoder import encoder
from sip.bridge.media.codecs.payload_types import PayloadTypes
from sip.bridge.media.codecs.resample import silence
from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm
from sip.bridge.media.keys import DIGITS, FRAME_MS, KEY_MS, KeyFrame, KeyWriter
from sip.bridge.media.packet import Packet, Packetiser, Sender
from sip.bridge.media.tones.dtmf import tone

Send = Callable[[Packet], bool]
"""Sends a packet; False where nothing may be sent."""


class Sending:
    """Each 20 ms one of `sound`, `key` or `fall_silent`, then `go_on`."""

    def __init__(self, sender: Sender, send: Send) -> None:
        self._ssrc, self._sequence = sender.ssrc, sender.sequence
        self._timestamp = sender.timestamp
        self._send = send
        self._numbers = PayloadTypes()
        self._packetiser = Packetiser()
        self._keys = KeyWriter()
        self._key_timestamp = 0
        self._talkspurt = True
        self.set_rate(SAMPLE_RATE)

    @property
    def sender(self) -> Sender:
        return Sender(self._ssrc, self._sequence, self._timestamp)

    @property
    def pressing(self) -> bool:
        return bool(self._keys)

    def set_rate(self, rate: int) -> None:
        """Of the samples that go in."""
        self._rate = rate
        self._encode = encoder(self._numbers.codec, rate)

    def follow(self, numbers: PayloadTypes) -> None:
        before, self._numbers = self._numbers, numbers
        if (numbers.codec, numbers.packet_ms) != (before.codec, before.packet_ms):
            self._encode = encoder(numbers.codec, self._rate)
            self._packetiser = Packetiser(numbers.packet_ms)

    def be_source(self, sender: Sender) -> None:
        """Under its SSRC and numbers from now on; time goes on."""
        self._ssrc, self._sequence = sender.ssrc, sender.sequence

    def press(self, keys: str) -> None:
        """Keys that wait to be sent: as events, or as tones to a phone that takes no events."""
        self._keys.press(keys)

    def sound(self, pcm: Pcm) -> None:
        for timestamp, payload in self._packetiser.add(self._encode(pcm), self._timestamp):
            self._put(self._numbers.sends, payload, timestamp)

    def key(self) -> None:
        """The next 20 ms of the keys that wait."""
        frame = self._keys.next()
        if self._numbers.sends_keys is None:
            self.sound(self._tone(frame))
        else:
            self._event(frame, self._numbers.sends_keys)

    def fall_silent(self) -> None:
        """What waits is not sent, and what comes next begins anew (RFC 3550 §5.1)."""
        self._packetiser.flush()
        self._talkspurt = True

    def go_on(self) -> None:
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF

    def _event(self, frame: KeyFrame | None, payload_type: int) -> None:
        self._flush()
        self._talkspurt = True
        if frame is None:
            return
        if frame.starts:
            self._key_timestamp = self._timestamp
        self._talkspurt = frame.starts
        for _ in range(frame.copies):
            self._put(payload_type, frame.payload, self._key_timestamp)
        self._talkspurt = True

    def _tone(self, frame: KeyFrame | None) -> Pcm:
        if frame is None:
            return silence(self._rate)
        return tone(DIGITS[frame.code], frame.index, KEY_MS // FRAME_MS, self._rate)

    def _flush(self) -> None:
        for timestamp, payload in self._packetiser.flush():
            self._put(self._numbers.sends, payload, timestamp)

    def _put(self, payload_type: int, payload: bytes, timestamp: int) -> None:
        number = self._sequence & 0xFFFF
        packet = Packet(payload_type, number, timestamp, self._ssrc, payload, self._talkspurt)
        if self._send(packet):
            self._talkspurt = False
            self._sequence += 1
