"""Session timers (RFC 4028) of a phone that calls, on the real stack."""

from __future__ import annotations

import asyncio

import pytest

from tests.sip.bridge.caller import Caller, Phones
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, number, room_of

pytestmark = pytest.mark.stack


async def test_the_leg_refreshes_when_it_is_its_turn(world: World, line: Phones) -> None:
    """With refresher=uas a re-INVITE comes at half the interval and changes nothing."""
    called = number(16)
    headers = (("Supported", "timer"), ("Session-Expires", "2;refresher=uas"))
    agrees = (("Require", "timer"), ("Session-Expires", "2;refresher=uac"))
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, headers=headers, agrees_with=agrees) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        await until(lambda: len(caller.offers) >= 2)
        caller.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9)

        assert not caller.bye.is_set()
        assert caller.offers[0].header("session-expires") == "2;refresher=uac"


async def test_a_timer_that_is_not_agreed_on_again_is_gone(world: World, line: Phones) -> None:
    """The 200 to a refresh without Session-Expires ends it (RFC 4028 §7.2): no refresh follows, and
    the call goes on past the interval."""
    called = number(20)
    headers = (("k", "timer"), ("x", "2;refresher=uas"))
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, headers=headers) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        await until(lambda: caller.offers)
        await asyncio.sleep(3)
        caller.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9)

        assert len(caller.offers) == 1
        assert not caller.bye.is_set()


async def test_an_interval_below_the_least_is_refused_with_the_least(
    world: World, line: Phones
) -> None:
    async with Caller(
        line, world.sip, number(17), headers=(("Supported", "timer"), ("Session-Expires", "1"))
    ) as caller:
        code = await caller.dial()

        assert code == 422
        assert caller.answer is not None
        assert caller.answer.get_header("min-se") == "2"
