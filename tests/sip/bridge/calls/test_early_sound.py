"""What a telephone that we call says before it answers, on the real stack."""

from __future__ import annotations

import asyncio

import pytest

from dialplans.contracts.events import Ended
from sip.bridge.media.g711 import loudness
from tests.sip.bridge.callee import Callee
from tests.sip.bridge.caller import tone
from tests.sip.bridge.calls.outgoing import call
from tests.sip.bridge.person import Person, until
from tests.sip.bridge.world import World

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("repeats", [True, False], ids=["said again", "said once"])
async def test_what_a_telephone_says_before_it_answers_is_heard(
    world: World, phone: Callee, agent: Person, repeats: bool
) -> None:
    """183 with a description: its ringing tone reaches the room, nothing of the room reaches it.
    The 200 may leave out what the 183 has said."""
    phone.speaks_early, phone.rings_for, phone.answer_repeats = True, 2.5, repeats
    phone.playing, agent.hz = tone(425), 1000

    await call(world, phone)
    await until(lambda: agent.heard_tone(425) > 0.9)
    before = list(phone.heard)
    assert "active" not in agent.statuses
    await until(lambda: "active" in agent.statuses)
    await until(lambda: phone.heard_tone(1000) > 0.9)

    assert "ringing" in agent.statuses
    assert agent.phone is not None
    assert agent.phone.attributes["switchboard.early_sound"] == "on"
    assert all(loudness(pcm) < 50 for pcm in before)


async def test_an_announcement_is_heard_before_the_refusal(
    world: World, phone: Callee, agent: Person
) -> None:
    """`The number you have dialled …`, and then 404."""
    phone.speaks_early, phone.rings_for, phone.refuse_with = True, 2.0, 404
    phone.playing = tone(950)

    await call(world, phone)
    await until(lambda: agent.heard_tone(950) > 0.9)
    await until(lambda: agent.left)

    ended = await world.event("ended", "outbound")
    assert isinstance(ended, Ended)
    assert ended.cause == "wrong_number"


async def test_nobody_hears_a_telephone_early_who_does_not_want_to(
    world: World, phone: Callee, agent: Person
) -> None:
    """`switchboard.early_sound: off`; from the answer on it is heard like any other."""
    phone.speaks_early, phone.rings_for, phone.answer_repeats = True, 1.5, False
    phone.playing = tone(425)

    await call(world, phone, participant_attributes={"switchboard.early_sound": "off"})
    await until(lambda: "ringing" in agent.statuses)
    await asyncio.sleep(1.0)
    assert agent.heard_tone(425) == 0.0
    await until(lambda: agent.heard_tone(425) > 0.9)

    assert "active" in agent.statuses


async def test_silence_finds_the_way_to_a_telephone_that_waits_for_it(
    world: World, phone: Callee, agent: Person
) -> None:
    """A media server that sends only where it has heard from: it hears silence, and nothing of the
    room, until it speaks."""
    phone.speaks_early, phone.rings_for, agent.hz = True, 3.0, 1000
    phone.muted = True

    await call(world, phone)
    await until(lambda: len(phone.heard) > 10)
    phone.muted, phone.playing = False, tone(425)
    early = list(phone.heard)
    await until(lambda: agent.heard_tone(425) > 0.9)

    assert "active" not in agent.statuses
    assert all(loudness(pcm) < 50 for pcm in early)
