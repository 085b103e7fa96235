"""A phone calls, on the real stack: redis-server, livekit-server and the leg as a process."""

from __future__ import annotations

import asyncio

import pytest
from livekit import rtc

from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, number, room_of

pytestmark = pytest.mark.stack


async def test_a_call_is_answered_when_the_agent_can_be_heard(world: World, line: Phones) -> None:
    """100, 180, then 200 only when an audio track is in the room; both sides hear each other."""
    called = number(0)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440

        code = await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)
        await until(lambda: agent.heard_tone(1000) > 0.9)
        phone = agent.phone
        await caller.hang_up()
        await until(lambda: agent.left)

    assert code == 200
    assert caller.codes == [100, 180, 200]
    assert phone is not None
    assert phone.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
    ended = await world.event("ended", called)
    assert (ended.cause, ended.by) == ("caller_hung_up", "caller")
