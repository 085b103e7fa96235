"""A telephone transfers its call by REFER, heard in a real room."""

from __future__ import annotations

import asyncio

import pytest

from dialplans.contracts.control import Reply
from dialplans.contracts.events import Problem
from tests.sip.bridge.callee import Callee
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.calls.transfers.conftest import OURS, Job, Referring
from tests.sip.bridge.descriptions import describe
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, room_of

pytestmark = pytest.mark.stack


async def test_who_is_named_takes_the_place_of_the_telephone(
    world: World, line: Phones, ann: Callee
) -> None:
    """Rung by us and heard in the room: 202, 100, 180, 200, and the telephone that has referred
    gets its BYE. Room and record go on."""
    ann.playing, ann.rings_for = tone(1000), 0.3
    async with (
        person(world.livekit, room_of(OURS)) as agent,
        Caller(line, world.sip, OURS) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        referring = Referring(caller)
        code = await referring.refer("<sip:200@127.0.0.1>")
        told = await referring.over()
        async with asyncio.timeout(5):
            await caller.bye.wait()
        await until(lambda: ann.heard_tone(440) > 0.9 and agent.heard_tone(1000) > 0.9)
        moved = await world.event("handed_over", OURS)
        before_the_end = [event.kind for event in await world.events(OURS)]
        await ann.hang_up()
        ended = await world.event("ended", OURS)

    assert code == 202
    assert told == ["SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"]
    assert referring.states[-1] == "terminated;reason=noresource"
    assert all(state.startswith("active;expires=") for state in referring.states[:-1])
    assert {request.header("event") for request in referring.notifies} == {"refer"}
    assert {request.header("content-type") for request in referring.notifies} == {
        "message/sipfrag;version=2.0"
    }
    assert (moved.frm, moved.to) == ("trunk pbx", "target ann")  # type: ignore[union-attr]
    assert "ended" not in before_the_end
    assert ended.cause == "caller_hung_up"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("to", "place"),
    [
        ("<sip:support@127.0.0.1>", "queue support"),
        ("<sip:box@anywhere.example>", "voicemail messages"),
        ("<sip:202@127.0.0.1>", "target told"),
        (f"<sip:{OURS}@127.0.0.1>", "persona reception"),
        (f"<tel:{OURS}>", "persona reception"),
    ],
)
async def test_a_place_of_ours_is_reached_by_the_job(
    world: World, line: Phones, to: str, place: str
) -> None:
    """The caller stays on the line, and the job is told where the call goes."""
    async with (
        person(world.livekit, room_of(OURS)) as agent,
        Caller(line, world.sip, OURS) as caller,
    ):
        job = Job(agent, world, room_of(OURS), Reply(ok=True))
        await caller.dial()
        referring = Referring(caller)
        code = await referring.refer(to)
        told = await referring.over()

        assert code == 202
        assert told == ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]
        assert [(one.op, one.to) for one in job.commands] == [("transfer", place)]
        assert not caller.bye.is_set()


async def test_a_place_that_nobody_can_take_the_call_to(world: World, line: Phones) -> None:
    """No job, or one that cannot: a status that is no success, and the call goes on."""
    async with (
        person(world.livekit, room_of(OURS)) as agent,
        Caller(line, world.sip, OURS) as caller,
    ):
        await caller.dial()
        without = Referring(caller)
        await without.refer("<sip:support@127.0.0.1>")
        told = await without.over()
        Job(agent, world, room_of(OURS), Reply(ok=False, detail="the call is ending"))
        cannot = Referring(caller)
        await cannot.refer("<sip:support@127.0.0.1>")
        told_then = await cannot.over()
        problem = await world.event("problem", OURS)

        assert told[-1].startswith("SIP/2.0 503")
        assert told_then[-1].startswith("SIP/2.0 480")
        assert isinstance(problem, Problem)
        assert "the call is ending" in problem.detail
        assert not caller.bye.is_set()


async def test_from_hold_as_well(world: World, line: Phones, ann: Callee) -> None:
    """As telephones do: hold, dial, transfer."""
    ann.playing = tone(1000)
    async with (
        person(world.livekit, room_of(OURS)) as agent,
        Caller(line, world.sip, OURS) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        await caller.reinvite(describe(caller.local, direction="sendonly"))
        referring = Referring(caller)
        await referring.refer("<sip:200@127.0.0.1>")
        await referring.over()
        await until(lambda: ann.heard_tone(440) > 0.9 and agent.heard_tone(1000) > 0.9)
        await ann.hang_up()
