"""A process of the leg is killed while people talk."""

from __future__ import annotations

import os
import signal
import time

import pytest

from dialplans.contracts.events import Ended
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.person import Person, person, until
from tests.sip.bridge.world import World, number, room_of

pytestmark = pytest.mark.stack


def worker_of_the_call(world: World) -> int:
    workers = world.health()["media_workers"]
    assert isinstance(workers, list)
    (pid,) = [worker["pid"] for worker in workers if worker["calls"]]
    return int(pid)


async def hear_each_other(agent: Person, caller: Caller) -> None:
    """Each for a second, so that it is not the end of what was said before."""
    caller.heard.clear()
    agent.heard.clear()
    await until(lambda: len(caller.heard) > 50 and len(agent.heard) > 100)
    await until(lambda: caller.heard_tone(440) > 0.9 and agent.heard_tone(1000) > 0.9)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_call_goes_on_whose_media_worker_is_killed(
    world: World, line: Phones, times: int
) -> None:
    """Without a word of signalling: the next worker takes the socket and the place in the room."""
    called = number(70 + times)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        await hear_each_other(agent, caller)
        for _ in range(times):
            killed = worker_of_the_call(world)
            os.kill(killed, signal.SIGKILL)
            since = time.monotonic()
            await hear_each_other(agent, caller)
            print(f"heard again after {time.monotonic() - since:.2f} s")
            assert worker_of_the_call(world) != killed
        assert caller.offers == []
        assert not caller.bye.is_set()

    ended = await world.event("ended", called)
    assert isinstance(ended, Ended)
    assert ended.cause == "caller_hung_up"
    assert ended.figures["rejoins"] == times
    assert ended.figures["rtp_strangers"] == 0
    await until(lambda: len(world.health()["media_workers"]) == 2)  # type: ignore[arg-type]
