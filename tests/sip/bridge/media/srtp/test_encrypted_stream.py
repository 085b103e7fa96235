"""A call's port whose sound is encrypted: who is heard there, and what leaves it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest

from sip.bridge.media.g711 import FRAME, Pcm
from sip.bridge.media.packet import HEADER_BYTES, Sender, parse
from sip.bridge.media.srtp.session import Srtp
from sip.bridge.media.srtp.suites import SUITES, Keys, Suite
from sip.bridge.media.stream import Remote, RtpStream

STRANGER = ("203.0.113.66", 5555)
SUITE = SUITES["AES_CM_128_HMAC_SHA1_80"]
LOUD: Pcm = np.full(FRAME, 8000, np.int16)


@dataclass
class End:
    """One end of a call. `plug` is where its packets go, whoever is meant by that."""

    stream: RtpStream
    plug: socket.socket

    @classmethod
    async def open(cls, sender: Sender | None = None, heard: Mapping[int, int] = {}) -> End:
        plug, bound = _bound(), _bound()
        stream = RtpStream(bound, sender or Sender(), heard=heard)
        await stream.start()
        return cls(stream, plug)

    def close(self) -> None:
        self.stream.close()
        self.plug.close()

    def aim(self, keys: Keys | None) -> None:
        address = self.plug.getsockname()
        self.stream.aim(Remote(address, hosts=frozenset({address[0]}), keys=keys))

    def say(self, frames: int) -> list[bytes]:
        """The packets that left."""
        for _ in range(frames):
            self.stream.speak(LOUD)
        return [self.plug.recv(2048) for _ in range(frames)]

    def hear(self, packets: list[bytes], source: tuple[str, int] | None = None) -> int:
        """How many of them count as the other end's."""
        before = self.stream.reception.received
        for packet in packets:
            self.stream.datagram_received(packet, source or self.plug.getsockname())
        return self.stream.reception.received - before


def _bound() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.settimeout(5)
    made.setblocking(False)
    return made


def keys(suite: Suite = SUITE) -> tuple[Keys, Keys]:
    ours, theirs = suite.new_key(), suite.new_key()
    return Keys(suite, ours, theirs), Keys(suite, theirs, ours)


Call = Callable[[Keys | None, Keys | None], Awaitable[tuple[End, End]]]


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    opened: list[End] = []

    async def make(one: Keys | None, other: Keys | None) -> tuple[End, End]:
        leg, phone = await End.open(), await End.open()
        opened.extend((leg, phone))
        leg.aim(one)
        phone.aim(other)
        return leg, phone

    yield make
    for end in opened:
        end.close()
    await asyncio.sleep(0)


def ssrc(packet: bytes) -> bytes:
    return packet[8:HEADER_BYTES]


@pytest.mark.parametrize("suite", SUITES.values(), ids=list(SUITES))
async def test_what_leaves_is_encrypted_and_what_comes_is_heard(call: Call, suite: Suite) -> None:
    leg, phone = await call(*keys(suite))
    out, back = leg.say(10), phone.say(10)
    plain = [parse(packet) for packet in out]

    assert (phone.hear(out), leg.hear(back)) == (10, 10)
    assert len({packet.payload[:FRAME] for packet in plain if packet is not None}) == 10
    assert (leg.stream.unreadable, leg.stream.strangers.packets) == (0, 0)


async def test_a_wrong_key_is_silence_and_counted(call: Call) -> None:
    """As if the phone had said nothing: it is hung up after the media time-out."""
    ours, _ = keys()
    _, others = keys()
    leg, phone = await call(ours, others)
    heard = leg.hear(phone.say(20))

    assert heard == 0
    assert leg.stream.heard_at is None
    assert not leg.stream.first_packet.is_set()
    assert leg.stream.unreadable == 20


async def test_a_phone_that_does_not_encrypt_is_not_heard(call: Call) -> None:
    ours, _ = keys()
    leg, phone = await call(ours, None)

    assert leg.hear(phone.say(20)) == 0
    assert leg.stream.unreadable == 20


async def test_a_stranger_without_the_key_is_never_the_phone(call: Call) -> None:
    """Nor what it keeps of the phone's packets and sends again, from there or from its own
    address; nor is anything sent to it."""
    leg, phone = await call(*keys())
    said = phone.say(60)
    heard = leg.hear(said[:30])
    nonsense = [packet[:HEADER_BYTES] + bytes(170) for packet in said]
    taken = leg.hear(nonsense, STRANGER) + leg.hear(said[:30], STRANGER) + leg.hear(said)

    assert (heard, taken) == (30, 30)
    assert leg.stream.strangers.packets == 90
    assert leg.stream.strangers.host == STRANGER[0]
    assert leg.stream.unreadable == 30


async def test_reports_on_the_port_of_the_sound_are_nothing_to_count(call: Call) -> None:
    leg, phone = await call(*keys())
    report = Srtp(keys()[0]).protect_rtcp(bytes([0x80, 201, 0, 1, 0, 0, 0, 9]))

    assert leg.hear([report]) == 0
    assert leg.stream.unreadable == 0
    assert leg.hear(phone.say(1)) == 1


async def test_new_keys_on_both_sides_are_followed(call: Call) -> None:
    """Under its new key the leg is a new source, from a low sequence number on."""
    leg, phone = await call(*keys())
    before = leg.say(5)
    phone.hear(before)
    late = phone.say(5)
    ours, theirs = keys()
    leg.aim(ours)
    phone.aim(theirs)
    after = leg.say(5)
    first = parse(after[0])

    assert leg.hear(late) == 5  # on their way while the keys were changed
    assert (phone.hear(after), leg.hear(phone.say(5))) == (5, 5)
    assert ssrc(before[0]) != ssrc(after[0])
    assert first is not None
    assert first.sequence < 2**15


async def test_the_same_keys_again_change_nothing(call: Call) -> None:
    """A refresh of the session."""
    ours, theirs = keys()
    leg, phone = await call(ours, theirs)
    before = leg.say(5)
    leg.aim(ours)
    after = leg.say(5)
    numbers = [int.from_bytes(packet[2:4], "big") for packet in [*before, *after]]

    assert len(set(map(ssrc, [*before, *after]))) == 1
    assert numbers == list(range(numbers[0], numbers[0] + 10))
    assert phone.hear([*before, *after]) == 10


async def test_a_new_key_of_theirs_alone_does_not_make_us_another_source(call: Call) -> None:
    ours, theirs = keys()
    leg, phone = await call(ours, theirs)
    before = leg.say(1)
    fresh = SUITE.new_key()
    leg.aim(Keys(SUITE, ours.ours, fresh))
    phone.aim(Keys(SUITE, fresh, ours.ours))

    assert ssrc(before[0]) == ssrc(leg.say(1)[0])
    assert leg.hear(phone.say(5)) == 5


async def test_sound_may_become_plain_and_encrypted_again(call: Call) -> None:
    """As both sides have agreed each time."""
    leg, phone = await call(None, None)
    heard = []
    for one, other in ((None, None), keys(), (None, None), keys()):
        leg.aim(one)
        phone.aim(other)
        heard.append((phone.hear(leg.say(3)), leg.hear(phone.say(3))))

    assert heard == [(3, 3)] * 4


@pytest.mark.parametrize("suite", SUITES.values(), ids=list(SUITES))
@pytest.mark.parametrize("packets", [10, 40_000, 70_000, 200_000])
async def test_another_process_goes_on_with_the_call(
    call: Call, suite: Suite, packets: int
) -> None:
    """The first one has died: the SSRC stays, numbers go on, and both sides agree on how often
    they have rolled over."""
    ours, theirs = keys(suite)
    leg, _ = await call(ours, theirs)
    heard = {7: packets}
    talking = Srtp(theirs, Sender(7, packets, 0))
    second = await End.open(Sender(9, packets, 0), heard)
    second.plug.close()
    second.plug = leg.plug
    second.aim(ours)
    listening = Srtp(theirs, heard={9: packets})
    said = second.say(5)
    told = [talking.protect(rtp(number, 7)) for number in range(packets, packets + 5)]

    assert [parse(listening.unprotect(one) or b"") is not None for one in said] == [True] * 5
    assert {ssrc(one) for one in said} == {(9).to_bytes(4, "big")}
    assert int.from_bytes(said[0][2:4], "big") == packets % 65536
    assert second.hear(told) == 5
    assert second.stream.protection.heard == {7: packets + 4}
    second.stream.close()


def rtp(number: int, source: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, number % 65536, number * 160 % 2**32, source) + bytes(160)
