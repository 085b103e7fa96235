"""The plan's limits, counted by several legs in one real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from dialplans.engine.compiled import CompiledPlan
from dialplans.language.load import load_text
from dialplans.telephony.call import CallContext
from sip.bridge.admission.shared_limits import SharedLimits, has_limits
from tests.stack.servers import Servers, short_folder

pytestmark = pytest.mark.stack

ONE, TWO = "+442079460300", "+442079460301"
PLAN = """
version: 1
timezone: Europe/London
{limits}
trunks:
  desk: {{allow: ["127.0.0.1/32"]}}
numbers:
  "{one}": {{trunk: desk, language: en, route: all{more}}}
  "{two}": {{trunk: desk, language: en, route: all}}
routes: {{all: [{{do: {{voicemail: box}}}}]}}
voicemail: {{box: {{max: 60s}}}}
"""


def plan(limits: str, more: str = "") -> CompiledPlan:
    loaded = load_text(PLAN.format(limits=limits, one=ONE, two=TWO, more=more))
    assert loaded.plan is not None, loaded.report()
    return CompiledPlan(loaded.plan, "revision")


def call(n: int, called: str = ONE, caller: str = "") -> CallContext:
    return CallContext(
        called, caller or f"+4477009001{n:02d}", call_id=f"SCL_{n}", source_ip="127.0.0.1"
    )


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with short_folder() as home, Servers(home).redis() as made:
        yield made


@pytest.fixture
async def legs(url: str) -> AsyncIterator[tuple[SharedLimits, SharedLimits]]:
    async with Redis.from_url(url) as redis, Redis.from_url(url) as other:
        await redis.flushall()
        made = SharedLimits(redis), SharedLimits(other)
        for leg in made:
            leg.start()
        yield made
        for leg in made:
            await leg.aclose()


async def refused(leg: SharedLimits, ready: CompiledPlan, which: CallContext) -> str:
    found = await leg.refusal(ready, which)
    return found.reason if found is not None else ""


@pytest.mark.parametrize(
    ("limits", "more", "reason"),
    [
        ("limits: {concurrent: 4}", "", "limit_concurrent"),
        ("limits: {per_number: 4}", "", "limit_number"),
        ("", ", concurrent: 4", "limit_number"),
    ],
)
async def test_as_many_come_in_as_are_allowed_however_they_come(
    legs: tuple[SharedLimits, SharedLimits], limits: str, more: str, reason: str
) -> None:
    """Twelve at once at two legs; whoever has hung up gives their place to the next, wherever."""
    ready = plan(limits, more)
    found = await asyncio.gather(*(refused(legs[n % 2], ready, call(n)) for n in range(12)))
    assert found.count("") <= 4
    for n, said in enumerate(found):
        if said:
            legs[n % 2].ended(f"SCL_{n}")
    await asyncio.sleep(0.1)
    up = [n for n, said in enumerate(found) if not said]
    late = [await refused(legs[0], ready, call(20 + n)) for n in range(4 - len(up) + 1)]
    assert late == [""] * (4 - len(up)) + [reason]
    legs[0].ended(f"SCL_{20 + len(late) - 1}")
    for n in up[:1] or [20]:
        legs[n % 2].ended(f"SCL_{n}")
    await asyncio.sleep(0.1)

    assert await refused(legs[1], ready, call(40)) == ""
    assert {said for said in found if said} <= {reason}


async def test_a_caller_is_counted_wherever_they_call(
    legs: tuple[SharedLimits, SharedLimits],
) -> None:
    """Also what a leg has refused by itself; a call that asks twice is one."""
    ready, me = plan("limits: {per_caller: 3/min}"), "+447700900199"
    first = await refused(legs[0], ready, call(1, caller=me))
    again = await refused(legs[0], ready, call(1, caller=me))
    legs[1].asked(ready.plan, call(2, caller=me))
    legs[1].asked(ready.plan, call(2, caller=me))
    await asyncio.sleep(0.1)
    third = await refused(legs[1], ready, call(3, caller=me))
    fourth = await refused(legs[0], ready, call(4, TWO, caller=me))
    another = await refused(legs[0], ready, call(5))

    assert (first, again, third, fourth, another) == ("", "", "", "limit_caller", "")


async def test_without_redis_no_call_is_kept_waiting() -> None:
    away = SharedLimits(Redis(port=1))

    assert await refused(away, plan("limits: {concurrent: 1}"), call(1)) == ""
    assert await refused(away, plan("limits: {concurrent: 1}"), call(2)) == ""
    await away.aclose()


@pytest.mark.parametrize(
    ("limits", "more", "found"),
    [
        ("", "", False),
        ("limits: {max_duration: 45m}", "", False),
        ("limits: {per_caller: 3/min}", "", True),
        ("limits: {concurrent: 4}", "", True),
        ("", ", concurrent: 4", True),
    ],
)
def test_only_a_plan_with_limits_costs_anything(limits: str, more: str, found: bool) -> None:
    assert has_limits(plan(limits, more).plan) is found
