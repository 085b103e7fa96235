"""RTP packets, how their arrival is counted, and the stream that sends and receives them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from sip.bridge.media.address import usable_address
from sip.bridge.media.codecs.payload_types import PayloadTypes
from sip.bridge.media.g711 import FRAME
from sip.bridge.media.packet import Packet, build, parse
from sip.bridge.media.ports import NoPortError, Ports
from sip.bridge.media.source import NEAR_PACKETS, NEAR_SILENCE
from sip.bridge.media.stats import Reception
from sip.bridge.media.stream import Remote, RtpStream
from sip.bridge.runtime.port_range import PortRange
from tests.sip.bridge.caller import tone
from tests.sip.bridge.streams import close_stream, open_stream
from tests.stack.free_ports import free_udp_range


def packet(index: int, payload: bytes = bytes(FRAME), ssrc: int = 7) -> Packet:
    return Packet(0, index & 0xFFFF, (index * FRAME) & 0xFFFFFFFF, ssrc, payload)


def test_a_packet_survives_building_and_parsing() -> None:
    made = Packet(101, 65535, 4294967295, 12345, b"abcd", marker=True)

    assert parse(build(made)) == made


def test_padding_extension_and_sources_are_skipped() -> None:
    """RFC 3550 §5.1 and §5.3.1."""
    header = bytes([0x80 | 0x20 | 0x10 | 1, 0]) + bytes(10) + b"SRC1"
    extension = b"\xbe\xde\x00\x01EXT1"

    found = parse(header + extension + b"sound" + b"\x00\x00\x03")

    assert found is not None
    assert found.payload == b"sound"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80" * 11,
        b"\x40" + bytes(20),
        b"\x80\xc8" + bytes(20),
        b"\xa0\x00" + bytes(10) + b"\xff",
        b"\x90\x00" + bytes(10) + b"\x00\x00\xff\xff",
    ],
    ids=["nothing", "short", "version", "RTCP", "padding", "extension"],
)
def test_what_is_not_rtp_is_not_read(data: bytes) -> None:
    assert parse(data) is None


def test_lost_packets_are_counted_and_reordered_ones_are_not() -> None:
    reception = Reception()
    for sequence in (65533, 65534, 0, 65535, 1, 4):
        reception.note(sequence, sequence * FRAME, sequence * 0.02)

    assert reception.received == 6
    assert reception.lost == 2


def test_a_sender_that_starts_over_has_lost_nothing() -> None:
    reception = Reception()
    for sequence in (10, 11, 12, 40000, 40001):
        reception.note(sequence, sequence * FRAME, sequence * 0.02)

    assert reception.lost == 0


def test_jitter_follows_the_unevenness_of_arrival() -> None:
    """RFC 3550 §6.4.1: steady is 0; ±10 ms settles near 20 ms of change between packets."""
    steady, uneven = Reception(), Reception()
    for index in range(400):
        steady.note(index, index * FRAME, index * 0.02)
        uneven.note(index, index * FRAME, index * 0.02 + (0.01 if index % 2 else -0.01))

    assert steady.jitter_ms < 0.01
    assert uneven.jitter_ms == pytest.approx(20, abs=1)


@pytest.mark.parametrize(
    ("host", "port", "usable"),
    [
        ("192.0.2.7", 20000, True),
        ("2001:db8::1", 20000, True),
        ("a.example", 20000, False),
        ("0.0.0.0", 20000, False),
        ("224.0.0.1", 20000, False),
        ("255.255.255.255", 20000, False),
        ("192.0.2.7", 99999, False),
        ("192.0.2.7", 0, False),
        ("192.0.2.7", 53, False),
    ],
)
def test_only_a_literal_unicast_address_is_sent_to(host: str, port: int, usable: bool) -> None:
    """A name would be looked up inside sendto and stop every call's sound."""
    assert (usable_address(host, port) is not None) is usable


def remote(port: int) -> Remote:
    return Remote(("127.0.0.1", port), PayloadTypes.static(0, 101), hosts=frozenset({"127.0.0.1"}))


@pytest.fixture
async def pair() -> AsyncIterator[tuple[RtpStream, RtpStream]]:
    ports = Ports("127.0.0.1", PortRange(*free_udp_range(20)))
    one, two = await open_stream(ports), await open_stream(ports)
    one.aim(remote(two.port))
    two.aim(remote(one.port))
    yield one, two
    one.close()
    two.close()
    await asyncio.sleep(0)


async def test_sound_arrives_as_it_was_sent(pair: tuple[RtpStream, RtpStream]) -> None:
    """A sequence of frames, one at a time; what the law loses aside."""
    one, two = pair
    heard = []
    for frame in tone(500, 20):
        one.speak(frame)
        await asyncio.sleep(0.002)
        heard.append(two.listen())

    received = np.concatenate([pcm for pcm in heard[2:] if pcm is not None])
    sent = np.concatenate(tone(500, 20))[FRAME : FRAME + len(received)]
    assert np.abs(received.astype(int) - sent).max() < 400


async def test_where_a_packet_is_lost_the_voice_goes_on_and_fades(
    pair: tuple[RtpStream, RtpStream],
) -> None:
    one, two = pair
    heard = []
    for frame in tone(500, 4):
        one.speak(frame)
        await asyncio.sleep(0.002)
        heard.append(two.listen())
    instead = [two.listen() for _ in range(5)]
    loud = [0 if pcm is None else int(np.abs(pcm).max()) for pcm in instead]

    assert heard[-1] is not None
    assert loud[0] > 0.7 * np.abs(heard[-1]).max()
    assert loud == sorted(loud, reverse=True)
    assert instead[-1] is None


async def test_answers_go_where_the_packets_come_from(pair: tuple[RtpStream, RtpStream]) -> None:
    """A phone behind a NAT is reached although its SDP is wrong: once nobody was heard from there,
    and by several packets in a row."""
    one, two = pair
    one.aim(remote(1024))
    await asyncio.sleep(NEAR_SILENCE)
    for frame in tone(500, NEAR_PACKETS):
        two.speak(frame)
        await asyncio.sleep(0.002)
    one.speak(tone(500, 1)[0])
    await asyncio.sleep(0.01)

    assert two.reception.received == 1


async def test_what_is_said_before_the_ack_is_heard_after_it(
    pair: tuple[RtpStream, RtpStream],
) -> None:
    """Nothing goes out before, and no frame of it is lost."""
    one, two = pair
    one.aim(remote(1024))
    one.aim(remote(two.port), answered=False)
    said = tone(500, 15)
    for frame in said:
        one.speak(frame)
    await asyncio.sleep(0.01)
    before = two.reception.received
    one.answered()
    heard = []
    for _ in range(20):
        one.speak(np.zeros(FRAME, np.int16))
        await asyncio.sleep(0.002)
        heard.append(two.listen())
    received = np.concatenate([pcm for pcm in heard if pcm is not None])

    assert before == 0
    assert np.abs(received[: 15 * FRAME].astype(int) - np.concatenate(said)).max() < 400


async def test_a_stranger_cannot_talk_into_a_call(pair: tuple[RtpStream, RtpStream]) -> None:
    """While the phone's packets come, another address is not heard."""
    one, two = pair
    one.speak(tone(500, 1)[0])
    await asyncio.sleep(0.01)
    loop = asyncio.get_running_loop()
    stranger, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", two.port)
    )
    stranger.sendto(build(packet(1, ssrc=99)))
    await asyncio.sleep(0.01)
    stranger.close()

    assert two.reception.received == 1
    assert (two.strangers.packets, two.strangers.host) == (1, "127.0.0.1")


async def test_ports_are_given_back_and_run_out_with_a_reason() -> None:
    low, _ = free_udp_range(4)
    ports = Ports("127.0.0.1", PortRange(low, low + 3))
    first, second = await open_stream(ports), await open_stream(ports)
    with pytest.raises(NoPortError, match=f"{low}-{low + 3}"):
        await open_stream(ports)
    close_stream(ports, first)
    await asyncio.sleep(0)
    third = await open_stream(ports)
    held = len(ports)
    close_stream(ports, second)
    close_stream(ports, third)

    assert held == 2
    assert len(ports) == 0


@pytest.mark.parametrize("text", ["", "20000-10000", "80-90", "1-99999", "abc"])
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        PortRange.parse(text)
