"""Whose sound it is: strangers at the port of a call, and third parties that it is pointed at."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from dialplans.contracts.events import Ended
from sip.bridge.media.packet import Packet, build
from sip.bridge.media.source import UNHEARD_PACKETS
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.descriptions import Local, describe, sound_in
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, number, room_of

pytestmark = pytest.mark.stack


@dataclass
class Bystander:
    """A socket of another host; counts what comes, and may send RTP of its own."""

    plug: socket.socket
    received: int = 0
    sequence: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def local(self) -> Local:
        host, port = self.plug.getsockname()
        return Local(host, port)

    def count(self) -> int:
        """All that has come so far."""
        while True:
            try:
                self.plug.recv(2048)
            except BlockingIOError:
                return self.received
            self.received += 1

    def send(self, *ports: int) -> None:
        self.sequence += 1
        packet = Packet(0, self.sequence, 160 * self.sequence, 0xA77AC4, b"\xff" * 160)
        for port in ports:
            self.plug.sendto(build(packet), ("127.0.0.1", port))

    async def spray(self, *ports: int) -> None:
        """A faultless stream to every port, 50 packets a second."""
        while True:
            self.send(*ports)
            await asyncio.sleep(0.02)


@pytest.fixture
def bystander() -> Iterator[Bystander]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        plug.bind(("127.0.0.9", 0))
        plug.setblocking(False)
        yield Bystander(plug)


async def test_a_stranger_who_is_there_first_gets_no_sound_and_no_say(
    world: World, line: Phones, bystander: Bystander
) -> None:
    """It knows nothing of the call and sprays all media ports while the phone still hears ringing.
    The phone speaks and presses keys from the address of its SDP."""
    called = number(50)
    low, high = world.rtp
    spraying = asyncio.create_task(bystander.spray(*range(low + low % 2, high + 1, 2)))
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        await asyncio.sleep(0.2)
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        caller.stream.press("6")
        await until(lambda: caller.heard_tone(440) > 0.9)
        await until(lambda: agent.heard_tone(1000) > 0.9)
        await until(lambda: agent.keys)
        keys = list(agent.keys)
    spraying.cancel()
    await asyncio.gather(spraying, return_exceptions=True)

    ended = await world.event("ended", called)
    assert keys == ["6"]
    assert bystander.count() == 0
    assert isinstance(ended, Ended)
    assert ended.figures["rtp_strangers"] > 10
    assert world.metric("rtp_strangers_total") > 10


async def test_a_third_party_gets_three_seconds_of_sound_at_most_and_none_before_the_ack(
    world: World, line: Phones, bystander: Bystander
) -> None:
    """The SDP of an INVITE, and then of a re-INVITE, point at somebody else. As soon as that one
    speaks, it is a phone like any other."""
    called = number(51)
    async with (
        person(world.livekit, room_of(called)),
        Caller(line, world.sip, called, acknowledges=False, silent=True) as caller,
    ):
        await caller.dial(describe(bystander.local))
        await asyncio.sleep(1)
        unacknowledged = bystander.count()
        caller.acknowledge()
        await asyncio.sleep(5)
        acknowledged = bystander.count()
        await asyncio.sleep(0.5)
        later = bystander.count()
        await caller.reinvite(describe(Local("127.0.0.8", bystander.local.port)))
        back = await caller.reinvite(describe(bystander.local))
        await asyncio.sleep(1)
        moved = bystander.count()
        bystander.send(caller_port(back.text))
        await asyncio.sleep(0.5)
        spoken = bystander.count()

    assert unacknowledged == 0
    assert 100 < acknowledged <= UNHEARD_PACKETS
    assert later == moved == acknowledged
    assert spoken > moved


def caller_port(description: str) -> int:
    """The leg's, in its answer."""
    address = sound_in(description).address
    assert address is not None
    return address[1]


async def test_a_phone_behind_a_nat_is_heard_and_hears_the_first_word(
    world: World, line: Phones
) -> None:
    """Its SDP names an address of its own network, which this leg cannot reach."""
    called = number(52)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial(describe(Local("10.1.2.3", 40000)))
        await until(lambda: len(caller.heard) >= 50)
        await until(lambda: agent.heard_tone(1000) > 0.9)
        first = caller.heard_tone(440, frames=50)

    assert first > 0.9


async def test_what_was_said_before_the_ack_is_heard(world: World, line: Phones) -> None:
    """The ACK comes 0.3 s after the answer; the phone hears what was said meanwhile, from its first
    packet on."""
    called = number(53)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, acknowledges=False) as caller,
    ):
        agent.hz = 440
        await asyncio.sleep(0.3)
        await caller.dial()
        await asyncio.sleep(0.3)
        before, agent.hz = len(caller.heard), 1000
        caller.acknowledge()
        await until(lambda: len(caller.heard) >= 12)
        first = caller.heard_tone(440, frames=12)

    assert before == 0
    assert first > 0.9
