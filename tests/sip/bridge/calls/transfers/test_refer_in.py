"""A telephone transfers its call by REFER, on the real stack."""

from __future__ import annotations

import asyncio

import pytest

from dialplans.contracts.control import Reply
from dialplans.contracts.events import Problem
from tests.sip.bridge.callee import Callee
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.calls.transfers.conftest import OTHER, OURS, REJECTING, Job, Referring
from tests.sip.bridge.descriptions import describe
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, number, room_of

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    "to",
    [
        "<sip:200@127.0.0.1>",
        '"Ann, or else" <sip:200@pbx.example;user=phone>;x=1',
        "sip:200@127.0.0.1;transport=udp",
        "<tel:200>",
        "<sip:2%300@127.0.0.1;method=INVITE?Subject=hello>",
    ],
)
async def test_who_is_named_takes_the_place_of_the_telephone(
    world: World, line: Phones, ann: Callee, to: str
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
        code = await referring.refer(to)
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


@pytest.mark.parametrize(("refuses", "code"), [(486, 486), (603, 603), (404, 404)])
async def test_who_cannot_be_reached_leaves_the_call_as_it_was(
    world: World, line: Phones, ann: Callee, refuses: int, code: int
) -> None:
    """The telephone is told why, the record has it in a sentence, and it may try again."""
    ann.refuse_with = refuses
    async with (
        person(world.livekit, room_of(OURS)) as agent,
        Caller(line, world.sip, OURS) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        referring = Referring(caller)
        await referring.refer("<sip:200@127.0.0.1>")
        told = await referring.over()
        caller.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9)
        problem = await world.event("problem", OURS)
        ann.refuse_with = 0
        again = Referring(caller)
        await again.refer("<sip:200@127.0.0.1>")
        told_again = await again.over()

    assert told[-1].startswith(f"SIP/2.0 {code} ")
    assert isinstance(problem, Problem)
    assert problem.what == "transfer_failed"
    assert f"answered {code}" in problem.detail
    assert told_again[-1] == "SIP/2.0 200 OK"
    assert all("id=" in (one.header("event") or "") for one in again.notifies)


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


@pytest.mark.parametrize(
    ("called", "to", "code"),
    [
        (OTHER, "<sip:200@127.0.0.1>", 603),
        (OURS, "<sip:999@127.0.0.1>", 404),
        (OURS, f"<sip:{number(99)}@127.0.0.1>", 404),
        (OURS, f"<sip:{REJECTING}@127.0.0.1>", 486),
        (OURS, "<sips:200@127.0.0.1>", 416),
        (OURS, "<mailto:ann@example>", 416),
        (OURS, "<sip:200@127.0.0.1;method=BYE>", 501),
        (OURS, "<sip:200@127.0.0.1;Method=SUBSCRIBE>", 501),
        (OURS, "<sip:200@127.0.0.1>, <sip:202@127.0.0.1>", 400),
        (OURS, "200", 400),
        (OURS, "<sip:200@127.0.0.1?Replaces=x>", 400),
        (OURS, "<sip:200@198.51.100.7?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>", 403),
        (OURS, "<sip:200@other.example?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>", 403),
    ],
)
async def test_what_the_plan_does_not_let_happen_is_refused(
    world: World, line: Phones, ann: Callee, called: str, to: str, code: int
) -> None:
    """At once, without a NOTIFY; nobody is called, and the call goes on."""
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        referring = Referring(caller)
        answered = await referring.refer(to)
        caller.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9)

        assert answered == code
        assert referring.notifies == []
        assert ann.invites == []
        assert not caller.bye.is_set()


async def test_a_refusal_by_the_plan_says_why_in_the_record(world: World, line: Phones) -> None:
    async with person(world.livekit, room_of(OTHER)), Caller(line, world.sip, OTHER) as caller:
        await caller.dial()
        await Referring(caller).refer("<sip:200@127.0.0.1>")
        problem = await world.event("problem", OTHER)

    assert isinstance(problem, Problem)
    assert problem.what == "transfer_declined"
    assert problem.detail == (
        "The telephone may not transfer this call: trunk plain has no `transfers` in the dialplan "
        "(603)."
    )


async def test_one_at_a_time(world: World, line: Phones, ann: Callee) -> None:
    """While one is carried out another is 491, and comes to nothing."""
    ann.rings_for = 1.0
    async with person(world.livekit, room_of(OURS)), Caller(line, world.sip, OURS) as caller:
        await caller.dial()
        first = Referring(caller)
        codes = [await first.refer("<sip:200@127.0.0.1>")]
        codes.append(await first.refer("<sip:200@127.0.0.1>"))
        told = await first.over()

    assert codes == [202, 491]
    assert told[-1] == "SIP/2.0 200 OK"
    assert len(ann.invites) == 1


async def test_a_telephone_may_hang_up_as_soon_as_its_refer_is_taken(
    world: World, line: Phones, ann: Callee
) -> None:
    """The call goes on with whom it named, and ends with them."""
    ann.rings_for = 0.7
    async with (
        person(world.livekit, room_of(OURS)) as agent,
        Caller(line, world.sip, OURS) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        await Referring(caller).refer("<sip:200@127.0.0.1>")
        await caller.hang_up()
        await until(lambda: ann.heard_tone(440) > 0.9)

        assert "ended" not in [event.kind for event in await world.events(OURS)]
        await ann.hang_up()
        await until(lambda: agent.left)


async def test_a_telephone_that_has_hung_up_takes_a_failed_transfer_with_it(
    world: World, line: Phones, ann: Callee
) -> None:
    ann.rings_for, ann.refuse_with = 0.5, 486
    async with (
        person(world.livekit, room_of(OURS)) as agent,
        Caller(line, world.sip, OURS) as caller,
    ):
        await caller.dial()
        await Referring(caller).refer("<sip:200@127.0.0.1>")
        await caller.hang_up()
        await until(lambda: agent.left)


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


@pytest.mark.parametrize("value", ["false", "False ; x=1"])
async def test_who_wants_no_report_gets_none(
    world: World, line: Phones, ann: Callee, value: str
) -> None:
    """RFC 4488: `Refer-Sub: false`, said back in the answer."""
    async with person(world.livekit, room_of(OURS)), Caller(line, world.sip, OURS) as caller:
        await caller.dial()
        referring = Referring(caller)
        headers = (("Refer-Sub", value), ("Require", "norefersub"))
        code = await referring.refer("<sip:200@127.0.0.1>", *headers)
        async with asyncio.timeout(5):
            await caller.bye.wait()

    assert code == 202
    assert referring.answer is not None
    assert referring.answer.get_header("refer-sub") == "false"
    assert referring.notifies == []


async def test_who_does_not_listen_is_not_told_again(
    world: World, line: Phones, ann: Callee
) -> None:
    """481 to a NOTIFY ends the subscription (RFC 6665 §4.2.2), and not the transfer."""
    async with person(world.livekit, room_of(OURS)), Caller(line, world.sip, OURS) as caller:
        await caller.dial()
        referring = Referring(caller, notify_with=481)
        await referring.refer("<sip:200@127.0.0.1>")
        async with asyncio.timeout(5):
            await caller.bye.wait()

    assert referring.told == ["SIP/2.0 100 Trying"]
    assert len(ann.invites) == 1
