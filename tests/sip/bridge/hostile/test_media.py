"""Datagrams to media ports that are no sound, or nearly: the phone is heard all the same."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sip.bridge.media.codecs.payload_types import PayloadTypes
from sip.bridge.media.codecs.resample import WIDE_RATE, silence
from sip.bridge.media.g711 import FRAME
from sip.bridge.media.packet import Packet, Sender, build
from sip.bridge.media.rtcp import packets as rtcp
from sip.bridge.media.srtp.session import Srtp
from sip.bridge.media.srtp.suites import SUITES, Keys
from sip.bridge.media.stream import Remote, RtpStream
from tests.sip.bridge.hostile.media import mutants

MUTANTS = 6_000
PHONE, STRANGER = ("127.0.0.1", 40000), ("127.0.0.66", 40000)
TYPES = PayloadTypes(0, 0, 101, {0: 0, 8: 8}, frozenset({101}), frozenset({13}))
WIDE_TYPES = replace(TYPES, decodes={0: 0, 8: 8, 9: 9})
SUITE = SUITES["AES_CM_128_HMAC_SHA1_80"]


@pytest.fixture(params=[8000, WIDE_RATE])
async def stream(request: pytest.FixtureRequest) -> AsyncIterator[RtpStream]:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(("127.0.0.1", 0))
    made = RtpStream(bound, Sender())
    made.set_rate(request.param)
    await made.start()
    types = WIDE_TYPES if request.param == WIDE_RATE else TYPES
    made.aim(Remote(PHONE, types, frozenset({PHONE[0]}), rtcp=("127.0.0.1", 40001)))
    yield made
    made.close()
    await asyncio.sleep(0)


def sound(number: int) -> bytes:
    return build(Packet(0, number & 0xFFFF, 160 * number, 5, b"\x20" * FRAME))


def hear(stream: RtpStream, source: tuple[str, int], seed: int) -> None:
    for index, raw in enumerate(mutants(MUTANTS, seed)):
        stream.datagram_received(raw, source)
        stream.rtcp.datagram_received(raw, (source[0], 40001))
        if index % 5 == 0:
            stream.listen()
            stream.speak(silence(stream.rate))
    stream.figures()


async def test_nothing_that_a_phone_sends_does_harm(stream: RtpStream) -> None:
    """And what it says afterwards is heard."""
    hear(stream, PHONE, 1)
    heard = 0
    for number in range(100, 200):
        stream.datagram_received(sound(number), PHONE)
        heard += stream.listen() is not None

    assert heard > 50


async def test_nothing_that_a_stranger_sends_is_heard_or_answered(stream: RtpStream) -> None:
    keys: list[str] = []
    stream.on_key = keys.append
    hear(stream, STRANGER, 2)

    assert stream.reception.received == 0
    assert stream.strangers.packets > 0
    assert keys == []


async def test_nothing_goes_through_that_is_not_encrypted_with_the_key(stream: RtpStream) -> None:
    """Mutants of packets that are encrypted, and of others; the right ones still come through."""
    keys = Keys(SUITE, secrets.token_bytes(SUITE.octets), secrets.token_bytes(SUITE.octets))
    stream.aim(Remote(PHONE, TYPES, frozenset({PHONE[0]}), keys=keys))
    theirs = Srtp(Keys(SUITE, keys.theirs, keys.ours))
    for number, raw in enumerate(mutants(MUTANTS, 3)):
        stream.datagram_received(raw, PHONE)
        sealed = bytearray(theirs.protect(sound(number)))
        sealed[number % len(sealed)] ^= 1 << number % 8
        stream.datagram_received(bytes(sealed), PHONE)
    before = stream.reception.received
    for number in range(MUTANTS, MUTANTS + 50):
        stream.datagram_received(theirs.protect(sound(number)), PHONE)

    assert before == 0
    assert stream.reception.received == 50


def test_reports_are_read_or_not_and_never_fail() -> None:
    found = [rtcp.parse(raw) for raw in mutants(MUTANTS * 3, 4)]

    assert any(found)
    assert not all(found)
