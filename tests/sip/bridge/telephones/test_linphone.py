"""Linphone calls, is heard and hears, presses keys, holds, and is called, on the real stack."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from livekit import api

from tests.sip.bridge.calls.outgoing import ROOM
from tests.sip.bridge.person import person, until
from tests.sip.bridge.telephones.linphone import linphone
from tests.sip.bridge.telephones.program import HOST, TONE_HZ
from tests.sip.bridge.world import World, number, room_of

pytestmark = [pytest.mark.stack, pytest.mark.telephones]

AGENT_HZ = 440
CLEAR = 0.9


@pytest.mark.parametrize(
    ("codec", "encryption"), [("pcmu", "none"), ("pcma", "srtp"), ("g722", "none")]
)
async def test_linphone_calls_and_both_sides_are_heard(
    world: World, tmp_path: Path, codec: str, encryption: str
) -> None:
    """It presses keys, holds and takes the call up again, and hangs up."""
    host, port = world.sip
    called = number(30)
    async with (
        person(world.livekit, room_of(called)) as agent,
        linphone(tmp_path, codec=codec, encryption=encryption) as phone,
    ):
        agent.hz = AGENT_HZ
        await phone.tell(f"call sip:{called}@{host}:{port}\n")
        await phone.says("Media streams established")
        await until(lambda: agent.heard_tone(TONE_HZ) > CLEAR)
        for key in "5#":
            await phone.tell(f"{key}\n")
            await asyncio.sleep(1)
        await until(lambda: agent.keys == ["5", "#"])
        await phone.tell("pause\n")
        await phone.says("Media streams established")
        agent.heard.clear()
        await asyncio.sleep(2)
        on_hold = agent.heard_tone(TONE_HZ)
        await phone.tell("resume\n")
        await phone.says("Media streams established")
        agent.heard.clear()
        await until(lambda: agent.heard_tone(TONE_HZ) > CLEAR)
        await phone.tell("terminate\n")
        await until(lambda: agent.left)
    heard = await phone.heard(AGENT_HZ)
    ended = await world.event("ended", called)

    assert on_hold < CLEAR
    assert heard > CLEAR
    assert getattr(ended, "cause", "") == "caller_hung_up"


async def test_linphone_is_called_and_both_sides_are_heard(world: World, tmp_path: Path) -> None:
    async with (
        person(world.livekit, ROOM) as agent,
        linphone(tmp_path) as phone,
        world.api() as client,
    ):
        agent.hz = AGENT_HZ
        request = api.CreateSIPParticipantRequest(
            trunk=api.SIPOutboundConfig(hostname=f"{HOST}:{phone.port}"),
            sip_number="+498920001000",
            sip_call_to="+491701111",
            room_name=ROOM,
            participant_identity="callee",
        )
        await client.sip.create_sip_participant(request)
        await phone.says("contacting you|[Ii]ncoming call")
        await phone.tell("answer\n")
        await phone.says("Media streams established")
        await until(lambda: agent.heard_tone(TONE_HZ) > CLEAR)
        await asyncio.sleep(2)
        whom = api.RoomParticipantIdentity(room=ROOM, identity="callee")
        await client.room.remove_participant(whom)
        await phone.says("ended")
    heard = await phone.heard(AGENT_HZ)

    assert heard > CLEAR
