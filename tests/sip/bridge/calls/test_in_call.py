"""What happens while a call is up, and how it ends, on the real stack."""

from __future__ import annotations

import asyncio
import json

import pytest
from livekit import api

from dialplans.contracts.events import Ended
from tests.fakes.echoing_line import Line
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.descriptions import describe
from tests.sip.bridge.person import person, until
from tests.sip.bridge.speakerphone import Speakerphone
from tests.sip.bridge.world import QUIET, QUIET_TRUNK, SHORT_CALL, World, number, room_of

pytestmark = pytest.mark.stack


async def test_keys_go_both_ways_as_room_packets(world: World, line: Phones) -> None:
    """RFC 4733 events of the phone arrive in the room once each, and the other way round."""
    called = number(2)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        await caller.dial()
        caller.stream.press("159#")
        await until(lambda: len(agent.keys) >= 4)
        for digit in "27*":
            await agent.press(digit)
        await until(lambda: len(caller.keys) >= 3)
        await asyncio.sleep(0.3)

        assert agent.keys == ["1", "5", "9", "#"]
        assert caller.keys == ["2", "7", "*"]


async def test_keys_sent_as_info_are_heard_too(world: World, line: Phones) -> None:
    """Some telephone systems send application/dtmf-relay instead of RFC 4733."""
    called = number(3)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        await caller.dial()
        assert caller.dialog is not None
        asked = caller.dialog.ask(
            "INFO",
            headers=[("Content-Type", "application/dtmf-relay")],
            body=b"Signal=5\r\nDuration=160\r\n",
        )
        response = await asked.final()
        await until(lambda: agent.keys)

        assert response is not None
        assert response.status_code == 200
        assert agent.keys == ["5"]


async def test_on_hold_the_phone_hears_nothing_and_the_room_hears_no_hold_music(
    world: World, line: Phones
) -> None:
    """A re-INVITE with sendonly is answered recvonly; sendrecv brings both ways back."""
    called = number(4)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)

        held = await caller.reinvite(describe(caller.local, direction="sendonly"))
        await asyncio.sleep(0.3)
        packets = caller.stream.reception.received
        agent.heard.clear()
        await asyncio.sleep(1.0)
        while_held = caller.stream.reception.received - packets
        room_heard = agent.heard_tone(1000)
        back = await caller.reinvite(describe(caller.local))
        caller.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9)

    assert "a=recvonly" in held.text
    assert "a=sendrecv" in back.text
    assert while_held == 0
    assert room_heard < 0.1


async def test_the_old_way_to_hold_is_understood(world: World, line: Phones) -> None:
    """`c=IN IP4 0.0.0.0` means the same as inactive (RFC 3264 §8.4)."""
    called = number(5)
    async with (
        person(world.livekit, room_of(called)),
        Caller(line, world.sip, called) as caller,
    ):
        await caller.dial()
        old = describe(caller.local).replace(b"c=IN IP4 127.0.0.1", b"c=IN IP4 0.0.0.0")

        held = await caller.reinvite(old)

        assert held.status_code == 200
        assert "a=inactive" in held.text


async def test_a_call_ends_when_its_room_is_closed(world: World, line: Phones) -> None:
    """By whoever may close rooms: the phone gets a BYE."""
    called = number(6)
    async with (
        person(world.livekit, room_of(called)),
        Caller(line, world.sip, called) as caller,
        world.api() as client,
    ):
        await caller.dial()
        await client.room.delete_room(api.DeleteRoomRequest(room=room_of(called)))
        async with asyncio.timeout(5):
            await caller.bye.wait()

    ended = await world.event("ended", called)
    assert (ended.cause, ended.by) == ("room_closed", "system")


async def test_the_agent_hangs_up_by_removing_the_phone(world: World, line: Phones) -> None:
    """As our jobs do: a BYE, and the leg's record says that it was the agent."""
    called = number(7)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
        world.api() as client,
    ):
        await caller.dial()
        await until(lambda: agent.phone)
        await client.room.remove_participant(
            api.RoomParticipantIdentity(room=room_of(called), identity="sip_+4917012345")
        )
        async with asyncio.timeout(5):
            await caller.bye.wait()

    ended = await world.event("ended", called)
    assert isinstance(ended, Ended)
    assert (ended.cause, ended.by) == ("persona_hung_up", "callee")


async def test_the_longest_call_the_trunk_allows(world: World, line: Phones) -> None:
    """max_call_duration of the trunk ends the call with a BYE and a cause."""
    async with (
        person(world.livekit, room_of(SHORT_CALL)),
        Caller(line, world.sip, SHORT_CALL) as caller,
    ):
        await caller.dial()
        async with asyncio.timeout(10):
            await caller.bye.wait()

    ended = await world.event("ended", SHORT_CALL)
    assert isinstance(ended, Ended)
    assert ended.cause == "max_duration"
    assert ended.figures["talk_s"] >= 2


@pytest.mark.parametrize("called", [QUIET, QUIET_TRUNK], ids=["rule", "trunk"])
async def test_a_phone_that_has_gone_silent_is_hung_up(
    world: World, line: Phones, called: str
) -> None:
    """No RTP for longer than the rule, or the trunk, allows: BYE, and the record says so."""
    async with person(world.livekit, room_of(called)), Caller(line, world.sip, called) as caller:
        await caller.dial()
        await asyncio.sleep(1.5)
        assert not caller.bye.is_set()
        caller.silent = True
        async with asyncio.timeout(10):
            await caller.bye.wait()

    ended = await world.event("ended", called)
    assert isinstance(ended, Ended)
    assert ended.cause == "media_timeout"


async def test_a_phone_on_hold_may_be_silent(world: World, line: Phones) -> None:
    """Hold stops the sound of many phones; that is no reason to lose the call."""
    async with (
        person(world.livekit, room_of(QUIET)) as agent,
        Caller(line, world.sip, QUIET) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        await caller.reinvite(describe(caller.local, direction="inactive"))
        caller.silent = True
        await asyncio.sleep(3)
        caller.silent = False
        await caller.reinvite(describe(caller.local))
        await until(lambda: caller.heard_tone(440) > 0.9)

        assert not caller.bye.is_set()


@pytest.mark.parametrize("direction", ["recvonly", "inactive"])
async def test_a_phone_that_only_listens_may_be_silent_from_the_first(
    world: World, line: Phones, direction: str
) -> None:
    """As loudspeakers and announcement servers do: it never sends, and has said so."""
    async with (
        person(world.livekit, room_of(QUIET)) as agent,
        Caller(line, world.sip, QUIET, silent=True) as caller,
    ):
        agent.hz = 440
        await caller.dial(describe(caller.local, direction=direction))
        await asyncio.sleep(3)

        assert not caller.bye.is_set()
        assert (caller.heard_tone(440) > 0.9) is (direction == "recvonly")


async def test_the_room_hangs_up_by_the_method_of_livekit_sip(world: World, line: Phones) -> None:
    """RPC lk.sip.EndCall ends the call with headers of the room's choice."""
    called = number(19)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, headers=(("X-Ticket", "77"),)) as caller,
    ):
        await caller.dial()
        await until(lambda: agent.phone)
        me, phone = agent.room.local_participant, "sip_+4917012345"
        answer = await me.perform_rpc(
            destination_identity=phone,
            method="lk.sip.GetRemoteHeaders",
            payload=json.dumps({"include": ["X-Ticket"]}),
        )
        await me.perform_rpc(
            destination_identity=phone,
            method="lk.sip.EndCall",
            payload=json.dumps({"headers": {"X-Why": "done"}}),
        )
        async with asyncio.timeout(5):
            await caller.bye.wait()

    ended = await world.event("ended", called)
    assert json.loads(answer) == {"headers": {"x-ticket": "77"}}
    assert isinstance(ended, Ended)
    assert ended.cause == "persona_hung_up"


async def test_a_session_that_is_not_refreshed_ends(world: World, line: Phones) -> None:
    """With refresher=uac the leg waits for the phone, and hangs up when nothing comes."""
    called = number(15)
    headers = (("Supported", "timer"), ("Session-Expires", "3;refresher=uac"))
    async with (
        person(world.livekit, room_of(called)),
        Caller(line, world.sip, called, headers=headers) as caller,
    ):
        await caller.dial()
        async with asyncio.timeout(10):
            await caller.bye.wait()

    assert caller.answer is not None
    assert caller.answer.get_header("session-expires") == "3;refresher=uac"
    assert caller.answer.get_header("require") == "timer"


async def test_what_comes_back_of_our_own_sound_is_not_heard_in_the_room(
    world: World, line: Phones
) -> None:
    """A loudspeaker telephone; a caller who speaks over the echo is heard all the same."""
    called = number(4)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Speakerphone(line, world.sip, called, line=Line(120, -10.0)) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        await until(lambda: len(caller.told) > 40 and caller.is_told(440) > 0.9)
        await asyncio.sleep(1.0)
        echo = agent.heard_tone(440)
        caller.saying = tone(1000, frames=100)
        await asyncio.sleep(1.5)

        assert echo < 0.1
        assert agent.heard_tone(1000) > 0.9
