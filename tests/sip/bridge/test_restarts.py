"""Servers that go away in the middle of a call, on real servers of this file's own."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from dialplans.contracts.events import Ended, Problem
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.person import person, until
from tests.sip.bridge.restarting import Restarting
from tests.sip.bridge.world import WITH_AGENT, World, new_world, number, room_of
from tests.stack.servers import Servers

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def own_world() -> Iterator[World]:
    with new_world() as world, world.leg():
        yield world


@pytest.fixture
async def world(own_world: World) -> AsyncIterator[World]:
    own_world.running.start_missing()
    await own_world.forget_events()
    try:
        yield own_world
        await own_world.nothing_left()
    finally:
        print(own_world.log.read_text()[-6000:])


async def test_a_call_goes_on_while_redis_restarts(world: World, line: Phones) -> None:
    """Sound never stops; the events of that time arrive later; the next call is served."""
    called, following = number(30), number(31)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)

        await asyncio.to_thread(world.stop_redis)
        caller.heard.clear()
        agent.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9 and agent.heard_tone(1000) > 0.9)
        await caller.hang_up()
        await asyncio.sleep(0.5)
        await asyncio.to_thread(world.start_redis)

    ended = await world.event("ended", called)
    assert isinstance(ended, Ended)
    assert ended.cause == "caller_hung_up"
    await until(lambda: world.health()["state"] == "ok")
    async with (
        person(world.livekit, room_of(following)) as agent,
        Caller(line, world.sip, following) as caller,
    ):
        assert await _dial_until_answered(caller) == 200


async def _dial_until_answered(caller: Caller) -> int:
    """livekit-server needs a moment of its own to find Redis again; until then it is 503."""
    for _ in range(40):
        code = await caller.dial()
        if code != 503:
            return code
        caller.codes.clear()
        caller.renew()
        await asyncio.sleep(0.5)
    return 503


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
async def test_the_phone_is_kept_while_livekit_restarts(
    world: World, line: Phones, how: signal.Signals
) -> None:
    """The leg rejoins the same room as the same participant, and both sides hear each other again
    when an agent is there; nobody hung up meanwhile."""
    called = number(32)
    async with Caller(line, world.sip, called) as caller:
        async with person(world.livekit, room_of(called)) as agent:
            caller.playing, agent.hz = tone(1000), 440
            await caller.dial()
            await until(lambda: caller.heard_tone(440) > 0.9)
            await asyncio.to_thread(world.restart_livekit, how)
            await world.event("problem", called)
        async with person(world.livekit, room_of(called), identity="agent-2") as agent:
            agent.hz = 700
            await until(lambda: agent.phone is not None)
            caller.heard.clear()
            await until(lambda: caller.heard_tone(700) > 0.9)
            await until(lambda: agent.heard_tone(1000) > 0.9)
            phone = agent.phone
            assert phone is not None
            attributes = dict(phone.attributes)

        assert not caller.bye.is_set()

    problem = await world.event("problem", called)
    assert isinstance(problem, Problem)
    assert problem.what == "rejoined"
    assert phone.identity == "sip_+4917012345"
    assert attributes["sip.phoneNumber"] == "+4917012345"
    assert attributes["sip.callStatus"] == "active"
    ended = await world.event("ended", called)
    assert isinstance(ended, Ended)
    assert ended.figures["rejoins"] == 1


async def test_without_livekit_a_call_is_503_at_once(world: World, line: Phones) -> None:
    """No silence: the caller hears that it is our fault, and the record says so."""
    async with Caller(line, world.sip, WITH_AGENT) as caller:
        await asyncio.to_thread(world.stop_livekit, signal.SIGKILL)
        try:
            code = await caller.dial()
        finally:
            await asyncio.to_thread(world.start_livekit)

    refused = await world.event("refused", WITH_AGENT)
    assert code == 503
    assert refused.reason == "server_away"
    assert caller.took < 10


async def test_a_stopped_leg_lets_its_calls_end(world: World, line: Phones) -> None:
    """SIGTERM: no new calls (503), those that are up go on; then the process ends by itself."""
    called = number(33)
    with world.sibling({}) as other:
        async with (
            person(world.livekit, room_of(called)) as agent,
            Caller(line, other.sip, called) as caller,
            Caller(line, other.sip, called, number="+4917099999") as late,
        ):
            agent.hz = 440
            await caller.dial()
            other.process.send_signal(signal.SIGTERM)
            await until(lambda: other.health()["state"] == "draining")
            refused = await late.dial()
            caller.heard.clear()
            await until(lambda: caller.heard_tone(440) > 0.9)
            await caller.hang_up()
            code = await asyncio.to_thread(other.process.wait, 30)

    assert refused == 503
    assert code == 0


def test_a_server_that_is_gone_is_told_and_started_again_for_the_next_test(
    servers: Servers,
) -> None:
    """Whichever way it went: ended by itself, or stopped by a test that did not come further."""
    with Restarting(servers) as running:
        running.start("redis")
        servers.processes["redis"].kill()
        servers.processes["redis"].wait()
        with pytest.raises(AssertionError, match="redis ended by itself with -9"):
            running.stop_gently("redis")
        running.start_missing()
        first = servers.processes["redis"]
        running.start_missing()
        assert servers.processes["redis"] is first
        running.stop_gently("redis")
        running.start_missing()
        assert servers.processes["redis"].poll() is None
    assert servers.processes["redis"].poll() is not None
