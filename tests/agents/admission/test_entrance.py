"""Behind a leg that does not ask the plan the job asks it, and all workers count together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from agents.admission.entrance import Entrance, recorded
from agents.job.caller import Caller
from agents.plans import PinnedPlan
from dialplans.contracts.jobs import LEG, NO_TRUNK, TRUNK
from dialplans.contracts.words import Source
from dialplans.engine.limits import shared_call_counts as call_counts
from dialplans.engine.limits.shared_call_counts import CallCounts
from dialplans.engine.sip_participant import call_of, started
from dialplans.language.load import load_text
from dialplans.model.values.scalars import Rate
from dialplans.telephony.call import CallContext

pytestmark = pytest.mark.real_time

OURS, OTHER = "+442079460100", "+442079460200"
PLAN = """
version: 1
timezone: Europe/London
trunks:
  one: {allow: ["192.0.2.0/24"]}
  two: {allow: ["198.51.100.0/24"]}
numbers:
  "+442079460100": {trunk: one, language: en, route: front}
  "+442079460200": {trunk: two, language: en, route: front, concurrent: 1}
lists: {nuisance: ["+4490*"]}
routes:
  front:
    - {when: {caller: nuisance}, do: {reject: 603}}
    - {do: {say: "Hello."}}
"""


def plan(limits: str = "") -> PinnedPlan:
    loaded = load_text(PLAN + limits)
    assert loaded.plan is not None, loaded.report()
    return PinnedPlan(loaded.plan, loaded.revision, {})


def attributes(called: str, caller: str, trunk: str = "one", **more: str) -> dict[str, str]:
    return {
        "sip.trunkPhoneNumber": called,
        "sip.phoneNumber": caller,
        TRUNK: trunk,
        **{name.replace("__", "."): value for name, value in more.items()},
    }


def call(
    called: str = OURS, caller: str = "+447700900123", *, room: str = "a", trunk: str = "one"
) -> CallContext:
    return call_of(plan().plan, f"call-{room}", attributes(called, caller, trunk))


NOWHERE = Redis.from_url("redis://127.0.0.1:1/0", socket_timeout=0.1)


@pytest.mark.parametrize(
    ("came", "code", "reason"),
    [
        (call(), None, None),
        (call(caller="+449012345"), 603, "blocked"),
        (call(caller="00449012345"), 603, "blocked"),
        (call("+442079460999"), 404, "no_such_number"),
        (call("+442079460999", trunk=NO_TRUNK), 404, "no_such_number"),
        (call("2079460100", trunk=NO_TRUNK), 403, "address_not_allowed"),
        (call("02079460100", trunk=NO_TRUNK), 403, "address_not_allowed"),
        (call(OURS, trunk="two"), 403, "address_not_allowed"),
    ],
)
async def test_whom_the_plan_refuses_is_refused_also_while_redis_is_away(
    came: CallContext, code: int | None, reason: str | None
) -> None:
    """Only what has to be counted is not."""
    entrance = Entrance(came, plan("limits: {concurrent: 1}"), CallCounts(NOWHERE), 100)
    refused = await entrance.refusal()
    await entrance.leave()

    assert (refused and refused.code, refused and refused.reason) == (code, reason)
    if refused is not None:
        event = recorded(came, refused)
        assert (event.called, event.caller) == (came.called, came.caller)
        assert event.trunk == (came.trunk if came.trunk != NO_TRUNK else None)


@pytest.mark.parametrize("host", ["192.0.2.0/24", "192.0.2.7/32", "2001:db8::/32", "/"])
async def test_whoever_writes_an_allowed_range_as_their_host_is_refused(host: str) -> None:
    """livekit-server takes it for an address that is allowed."""
    facts = attributes(OURS, "+447700900123", sip__hostname=host)
    came = call_of(plan().plan, "call-x", facts)
    honest = call_of(plan().plan, "call-x", {**facts, "sip.hostname": "192.0.2.7"})
    refused = await Entrance(came, plan(), CallCounts(NOWHERE), 100).refusal()

    assert refused is not None
    assert (refused.code, refused.reason) == (403, "address_not_allowed")
    assert honest.trunk == "one"


def test_of_our_own_leg_the_trunk_is_that_of_the_number() -> None:
    """It has compared the address; the attribute is the server's."""
    ours = call_of(plan().plan, "call-x", attributes(OURS, "x", "two", **{LEG: "bridge"}))

    assert ours.trunk == "one"


def test_whoever_notices_the_beginning_of_a_call_writes_the_same_record() -> None:
    """The job and the gateway; a record has one beginning."""
    facts = attributes(OURS, "+447700900123", sip__callIDFull="abc@192.0.2.1")
    facts["sip.callStatus"] = "ringing"
    context = call_of(plan().plan, "call-x", facts)
    now = datetime.now(UTC)
    one = started(context, facts, source=Source.AGENT, at=now)
    other = started(context, facts, source=Source.GATEWAY, at=now)

    assert one.id == other.id
    assert (one.called, one.caller, one.trunk) == (OURS, "+447700900123", "one")
    assert one.sip_call_id == "abc@192.0.2.1"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.mark.stack
async def test_two_workers_see_each_others_calls(redis: Redis) -> None:
    """Of many calls at the same moment exactly as many come in as may."""
    often = plan("limits: {concurrent: 3}")
    asked = [Entrance(call(room=str(n)), often, CallCounts(redis), 100) for n in range(9)]
    answers = await asyncio.gather(*(one.refusal() for one in asked))
    let_in = [one for one, refused in zip(asked, answers, strict=True) if refused is None]
    again = await Entrance(call(room="late"), often, CallCounts(redis), 100).refusal()
    await let_in[0].leave()
    after = await Entrance(call(room="later"), often, CallCounts(redis), 100).refusal()

    assert 1 <= len(let_in) <= 3
    assert {r.reason for r in answers if r is not None} == {"limit_concurrent"}
    assert (again is None) == (len(let_in) < 3)
    assert after is None


@pytest.mark.stack
async def test_a_number_has_a_limit_of_its_own(redis: Redis) -> None:
    counts = CallCounts(redis)

    async def asks(room: str, called: str, trunk: str) -> str | None:
        refused = await Entrance(
            call(called, room=room, trunk=trunk), plan(), counts, 100
        ).refusal()
        return refused.reason if refused else None

    assert await asks("a", OTHER, "two") is None
    assert await asks("b", OTHER, "two") == "limit_number"
    assert await asks("c", OURS, "one") is None
    assert await asks("a", OTHER, "two") is None, "a second job of the same call is no second call"


@pytest.mark.stack
async def test_a_caller_who_calls_too_often_waits_until_the_window_is_over(redis: Redis) -> None:
    """Refused attempts count; others are not kept out."""
    counts = CallCounts(redis)
    often = Rate(2, timedelta(seconds=0.6))

    async def lately(room: str, caller: str = "+447700900123") -> int:
        return (await counts.enter(call(caller=caller, room=room), often)).by_caller

    seen = [await lately(str(n)) for n in range(4)]
    other = await lately("x", "+447700900999")
    keys = [key.decode() for key in await redis.keys("switchboard:entrance:caller:*")]
    while await redis.exists(keys[0]):
        await asyncio.sleep(0.05)

    assert seen == [0, 1, 2, 3]
    assert other == 0
    assert not any("7700900" in key for key in keys), "no number is in a key"
    assert await lately("y") == 0


@pytest.mark.stack
async def test_the_machines_limit_holds_beside_the_plans(redis: Redis) -> None:
    first = await Entrance(call(room="a"), plan(), CallCounts(redis), 1).refusal()
    second = await Entrance(call(room="b"), plan(), CallCounts(redis), 1).refusal()

    assert first is None
    assert second is not None
    assert (second.code, second.reason) == (503, "limit_concurrent")
    assert "SWITCHBOARD_SIP_MAX_CALLS is 1" in second.because


@pytest.mark.stack
async def test_a_call_whose_job_died_soon_counts_no_more(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose job lives counts for as long as it does."""
    monkeypatch.setattr(call_counts, "_LASTS_MS", 300)
    monkeypatch.setattr("agents.admission.entrance.AGAIN_S", 0.05)
    dead = Entrance(call(room="dead"), plan(), CallCounts(redis), 100)
    living = Entrance(call(room="living"), plan(), CallCounts(redis), 100)
    await dead.refusal()
    await living.refusal()
    living.stay()
    up = "switchboard:entrance:up"
    while await redis.zscore(up, "call-dead") is not None:
        await asyncio.sleep(0.1)
        await CallCounts(redis).enter(call(room="look"), None)
        await CallCounts(redis).leave(call(room="look"))
    there = await redis.zscore(up, "call-living")
    await living.leave()

    assert there is not None
    assert await redis.zcard(up) == 0


def test_the_web_page_and_our_own_leg_are_not_asked_twice() -> None:
    assert Caller("sip_1", True, attributes(OURS, "x")).behind_another_leg
    assert not Caller("sip_1", True, attributes(OURS, "x", **{LEG: "bridge"})).behind_another_leg
    assert not Caller("web", False, {}).behind_another_leg


def test_how_the_call_came_here_is_in_its_record() -> None:
    came = replace(call(), forwarded_from=("+441",), dialled=("+442",))
    event = started(came, {}, source=Source.AGENT, at=datetime.now(UTC))

    assert (event.forwarded_from, event.dialled) == (["+441"], ["+442"])
