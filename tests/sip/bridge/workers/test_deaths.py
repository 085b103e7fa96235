"""A process of the leg is killed while people talk."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable

import httpx
import psutil
import pytest

from dialplans.contracts.events import Ended, Refused
from tests.sip.bridge.callee import callee
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.calls.outgoing import ROOM, call
from tests.sip.bridge.descriptions import describe
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


def signalling_of(world: World) -> int:
    """The child of the leg that is no media worker."""
    workers = world.health()["media_workers"]
    assert isinstance(workers, list)
    media = {worker["pid"] for worker in workers}
    (pid,) = {child.pid for child in psutil.Process(world.process.pid).children()} - media
    return int(pid)


async def killed_and_back(world: World) -> float:
    """Kill signalling, wait for the next one; seconds until it answered."""
    killed = signalling_of(world)
    os.kill(killed, signal.SIGKILL)
    since = time.monotonic()

    def is_back() -> bool:
        with contextlib.suppress(httpx.HTTPError, ValueError):
            return world.health()["state"] == "ok" and signalling_of(world) != killed
        return False

    await asyncio.to_thread(lambda: _poll(is_back))
    return time.monotonic() - since


def _poll(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("ends", ["phone", "agent"])
async def test_a_call_goes_on_when_signalling_is_killed(
    world: World, line: Phones, ends: str
) -> None:
    """Sound never stops; the next process knows the dialog: it answers in it, and ends it."""
    called = number(73 + (ends == "agent"))
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        await hear_each_other(agent, caller)
        took = await killed_and_back(world)
        print(f"signalling is back after {took:.2f} s")
        lost = caller.stream.reception.lost
        await hear_each_other(agent, caller)
        assert lost == 0

        held = await caller.reinvite(describe(caller.local, direction="sendonly"))
        assert held.status_code == 200
        resumed = await caller.reinvite(describe(caller.local))
        assert resumed.status_code == 200
        await hear_each_other(agent, caller)
        assert agent.phone is not None
        if ends == "agent":
            await agent.room.local_participant.perform_rpc(
                destination_identity=agent.phone.identity, method="lk.sip.EndCall", payload="{}"
            )
            await until(caller.bye.is_set)
        else:
            assert caller.dialog is not None
            bye = await caller.dialog.ask("BYE").final()
            assert bye is not None
            assert bye.status_code == 200
            caller.dialog.close()

    ended = await world.event("ended", called)
    assert isinstance(ended, Ended)
    assert ended.cause == {"phone": "caller_hung_up", "agent": "persona_hung_up"}[ends]
    assert ended.figures["rejoins"] == 0
    assert ended.figures["talk_s"] > took


async def test_a_phone_that_rings_is_told_when_signalling_is_killed(
    world: World, line: Phones
) -> None:
    """Else it would ring for as long as it likes: nobody is left who could answer."""
    called = number(75)
    async with Caller(line, world.sip, called) as caller:
        caller.ring()
        await caller.provisional(180)
        await until(lambda: _calls(world) == 1)
        await killed_and_back(world)
        assert await caller.final() == 503

    refused = await world.event("refused", called)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.reason) == (503, "failed")


def _calls(world: World) -> int:
    workers = world.health()["media_workers"]
    assert isinstance(workers, list)
    return sum(worker["calls"] for worker in workers)


async def test_a_telephone_that_we_ring_rings_no_more_when_signalling_is_killed(
    world: World,
) -> None:
    async with callee() as phone, person(world.livekit, ROOM):
        phone.answers = False
        await call(world, phone)
        await until(lambda: bool(phone.invites))
        await killed_and_back(world)
        await until(lambda: phone.cancelled)

    ended = await world.event("ended", "outbound")
    assert isinstance(ended, Ended)
    assert ended.cause == "failed"
    assert "started again" in ended.detail


async def test_a_call_by_tcp_is_ended_over_a_new_connection(world: World, line: Phones) -> None:
    """The one that it came by has died with signalling."""
    called = number(76)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, tcp=True) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        await hear_each_other(agent, caller)
        await killed_and_back(world)
        assert agent.phone is not None
        await agent.room.local_participant.perform_rpc(
            destination_identity=agent.phone.identity, method="lk.sip.EndCall", payload="{}"
        )
        await until(caller.bye.is_set)


async def test_both_may_die_one_after_the_other(world: World, line: Phones) -> None:
    """What the next signalling process knows of a call has moved with it to the next worker."""
    called = number(77)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        await hear_each_other(agent, caller)
        os.kill(worker_of_the_call(world), signal.SIGKILL)
        await hear_each_other(agent, caller)
        await killed_and_back(world)
        await hear_each_other(agent, caller)
        os.kill(worker_of_the_call(world), signal.SIGKILL)
        await hear_each_other(agent, caller)

    ended = await world.event("ended", called)
    assert isinstance(ended, Ended)
    assert (ended.cause, ended.figures["rejoins"]) == ("caller_hung_up", 2)
