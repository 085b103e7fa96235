"""What comes, in whichever codec, and what is heard where nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest

from sip.bridge.media.codecs.comfort_noise import ComfortNoise
from sip.bridge.media.codecs.payload_types import PayloadTypes
from sip.bridge.media.g711 import FRAME, Pcm, codec
from sip.bridge.media.packet import Packet
from sip.bridge.media.playout.playout import Playout
from sip.bridge.media.ports import Ports
from sip.bridge.media.stream import Remote, RtpStream
from sip.bridge.runtime.port_range import PortRange
from tests.sip.bridge.caller import tone
from tests.sip.bridge.media.playout.line import whole
from tests.sip.bridge.streams import open_stream
from tests.sip.bridge.wire import Wire, wire
from tests.stack.free_ports import free_udp_range

PCMU, PCMA, NOISE = 0, 8, 13
NUMBERS = PayloadTypes(
    sends=PCMU, decodes={PCMU: PCMU, 108: PCMA}, keys=frozenset({101}), noise=frozenset({NOISE})
)


def test_a_frame_is_decoded_by_what_each_part_of_it_is_coded_in() -> None:
    """A phone that changes its codec does not wait for our frames."""
    playout = Playout()
    said = tone(1000, 1)[0]
    mu, a = codec(PCMU).encode(said), codec(PCMA).encode(said)
    playout.put(0, mu[:60], PCMU, 0.0)
    playout.put(60, a[60:100], PCMA, 0.0)
    heard = playout.listen(0.015)
    assert heard is not None

    assert np.abs(heard[:100].astype(int) - said[:100]).max() < 400
    assert not heard[100:].any()


@pytest.mark.parametrize("switch", [3, 7])
def test_a_change_of_codec_is_not_heard(switch: int) -> None:
    playout = Playout()
    said = tone(700, 12)
    heard = []
    for index, frame in enumerate(said):
        law = PCMU if index < switch else PCMA
        playout.put(index * FRAME, codec(law).encode(frame), law, index * 0.02)
        heard.append(playout.listen(index * 0.02 + 0.01))
    assert all(pcm is not None for pcm in heard)

    received, sent = whole(iter(heard)), np.concatenate(said)
    assert np.abs(received.astype(int) - sent[: len(received)]).max() < 400


@pytest.mark.parametrize(("level", "loudness"), [(50, 104), (60, 33), (90, 1), (0, 328), (127, 0)])
def test_noise_is_as_loud_as_the_phone_says_but_never_loud(level: int, loudness: int) -> None:
    """RFC 3389: -dBov; nobody's background is above -40."""
    noise = ComfortNoise()
    noise.begin(bytes([level, 1, 2, 3]))

    frames = np.concatenate([noise.frame() for _ in range(20)]).astype(float)
    assert np.sqrt(np.mean(frames**2)) == pytest.approx(loudness, rel=0.1, abs=1)


def test_noise_without_a_level_is_silence() -> None:
    noise = ComfortNoise()
    noise.begin(b"")

    assert noise.on
    assert not noise.frame().any()


@pytest.fixture
async def stream() -> AsyncIterator[RtpStream]:
    opened = await open_stream(Ports("127.0.0.1", PortRange(*free_udp_range(20))))
    yield opened
    opened.close()
    await asyncio.sleep(0)


class Phone:
    """Sends one packet after the other to a stream, under whichever payload type."""

    def __init__(self, plug: Wire, stream: RtpStream) -> None:
        self._plug, self._stream = plug, stream
        self._sequence, self.timestamp = 100, 5000
        local = plug.local
        hosts = frozenset({local.host})
        self.remote = Remote((local.host, local.port), NUMBERS, hosts=hosts)
        stream.aim(self.remote)

    async def says(self, payload_type: int, payload: bytes, samples: int = FRAME) -> None:
        self._sequence += 1
        packet = Packet(payload_type, self._sequence, self.timestamp, 7, payload)
        before = self._stream.reception.received
        self._plug.send(packet, ("127.0.0.1", self._stream.port))
        async with asyncio.timeout(5):
            while self._stream.reception.received == before:
                await asyncio.sleep(0)
        self.timestamp += samples


def listened(stream: RtpStream, frames: int) -> Pcm:
    heard = [stream.listen() for _ in range(frames)]
    return np.concatenate([np.zeros(FRAME, np.int16) if pcm is None else pcm for pcm in heard])


async def test_pauses_of_a_phone_are_filled_with_noise_and_are_no_loss(stream: RtpStream) -> None:
    with wire() as plug:
        phone = Phone(plug, stream)
        await phone.says(PCMU, codec(PCMU).encode(tone(500, 1)[0]))
        await phone.says(NOISE, b"\x37", samples=50 * FRAME)
        listened(stream, 3)
        pause = listened(stream, 40)
        await phone.says(108, codec(PCMA).encode(tone(500, 1)[0]))
        said = listened(stream, 12)
        after = listened(stream, 5)

    assert 0 < np.abs(pause).max() < 400
    assert np.abs(said).max() > 5000
    assert not after.any()
    assert stream.reception.lost == 0


async def test_noise_of_a_phone_that_has_not_agreed_to_it_is_nothing(stream: RtpStream) -> None:
    with wire() as plug:
        phone = Phone(plug, stream)
        stream.aim(replace(phone.remote, payload_types=replace(NUMBERS, noise=frozenset())))
        await phone.says(NOISE, b"\x30")

    assert not listened(stream, 5).any()


async def test_a_payload_type_that_was_not_agreed_on_is_not_heard(stream: RtpStream) -> None:
    """8 means nothing where A-law has the number 108."""
    with wire() as plug:
        phone = Phone(plug, stream)
        for _ in range(4):
            await phone.says(8, codec(PCMA).encode(tone(500, 1)[0]))

    assert not listened(stream, 6).any()


async def test_after_a_pause_the_timestamp_has_gone_on_and_the_marker_is_set(
    stream: RtpStream,
) -> None:
    """RFC 3550 §5.1."""
    with wire() as plug:
        Phone(plug, stream)
        for frame in tone(500, 3):
            stream.speak(frame)
        for _ in range(7):
            stream.pause()
        for frame in tone(500, 2):
            stream.speak(frame)
        packets = await plug.count(5)

    stamps = [(p.timestamp - packets[0].timestamp) & 0xFFFFFFFF for p in packets]
    assert [stamp // FRAME for stamp in stamps] == [0, 1, 2, 10, 11]
    assert [p.marker for p in packets] == [True, False, False, True, False]
    assert [(p.sequence - packets[0].sequence) & 0xFFFF for p in packets] == [0, 1, 2, 3, 4]


async def test_what_is_left_of_a_long_packet_is_not_heard_after_the_pause(
    stream: RtpStream,
) -> None:
    with wire() as plug:
        phone = Phone(plug, stream)
        stream.aim(replace(phone.remote, payload_types=replace(NUMBERS, packet_ms=60)))
        stream.speak(tone(500, 1)[0])
        stream.pause()
        for _ in range(3):
            stream.speak(np.zeros(FRAME, np.int16))
        packet = (await plug.count(1))[0]

    assert packet.payload == codec(PCMU).encode(np.zeros(3 * FRAME, np.int16))


async def test_keys_go_out_under_the_number_that_the_phone_has_for_them(
    stream: RtpStream,
) -> None:
    """And what of a long packet was waiting goes before them."""
    with wire() as plug:
        phone = Phone(plug, stream)
        numbers = replace(NUMBERS, sends_keys=96, packet_ms=60)
        stream.aim(replace(phone.remote, payload_types=numbers))
        stream.speak(tone(500, 1)[0])
        stream.press("5")
        for _ in range(3):
            stream.speak(np.zeros(FRAME, np.int16))
        sound, key, *_ = await plug.count(3)

    assert (sound.payload_type, len(sound.payload)) == (PCMU, FRAME)
    assert (key.payload_type, key.payload[0], key.marker) == (96, 5, True)


async def test_keys_are_heard_under_our_own_number(stream: RtpStream) -> None:
    keys: list[str] = []
    stream.on_key = keys.append
    with wire() as plug:
        phone = Phone(plug, stream)
        stream.aim(replace(phone.remote, payload_types=replace(NUMBERS, sends_keys=96)))
        await phone.says(101, b"\x07\x0a\x00\xa0", samples=0)

    assert keys == ["7"]
