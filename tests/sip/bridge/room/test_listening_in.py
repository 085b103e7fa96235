"""Somebody who listens in unseen gets neither the caller's keys nor the sound of a sealed step."""

from __future__ import annotations

import asyncio

import pytest

from dialplans.contracts.jobs import SEALED
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.listener import listening
from tests.sip.bridge.person import Person, person, until
from tests.sip.bridge.world import World, number, room_of

pytestmark = pytest.mark.stack

TONE = 700.0


async def seal(agent: Person, on: bool) -> None:
    """As the job says it."""
    await agent.room.local_participant.set_attributes({SEALED: "yes" if on else ""})


async def test_a_listener_gets_no_key_and_no_sound_of_a_sealed_step(
    world: World, line: Phones
) -> None:
    """Keys go to the agent alone at all times; the sound does from the agent's word on, until it
    takes it back, also with a successor of the agent, and for whoever comes to listen meanwhile."""
    called = number(2)
    room = room_of(called)
    async with (
        Caller(line, world.sip, called, playing=tone(TONE)) as caller,
        person(world.livekit, room) as agent,
        listening(world.livekit, room) as listener,
    ):
        await caller.dial()
        await until(lambda: agent.heard_tone(TONE) > 0.8)
        before = await listener.hears(TONE)
        caller.stream.press("47")
        await until(lambda: agent.keys == ["4", "7"])
        await until(lambda: agent.heard_tone(TONE) > 0.8)

        await seal(agent, True)
        await asyncio.sleep(0.3)
        sealed = await listener.hears(TONE)
        caller.stream.press("11")
        await until(lambda: agent.keys == ["4", "7", "1", "1"])
        await until(lambda: agent.heard_tone(TONE) > 0.8)
        async with listening(world.livekit, room, identity="late") as latecomer:
            late = await latecomer.hears(TONE, 2.0)

        assert before > 0.8
        assert (sealed, late) == (0.0, 0.0)

        async with person(world.livekit, room, identity="agent-2") as successor:
            await until(lambda: successor.heard_tone(TONE) > 0.8)
            still = await listener.hears(TONE)
            await seal(agent, False)
            await listener.hears_tone(TONE)
            after = await listener.hears(TONE)

        assert still == 0.0
        assert after > 0.8
        assert (listener.keys, latecomer.keys) == ([], [])
        assert listener.packets == []
