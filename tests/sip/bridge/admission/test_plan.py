"""With a stored plan the leg refuses by the dialplan before livekit-server is asked at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import redis.asyncio
from livekit import api

from dialplans.contracts.carriers import CarrierState, carriers_of
from dialplans.contracts.events import Refused
from dialplans.language.leg_capabilities import IN_FORCE, WITHOUT_TLS, Leg
from dialplans.language.load import load
from dialplans.revisions.store import PlanStore
from tests.sip.bridge.caller import Caller, Phones
from tests.sip.bridge.descriptions import describe
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, new_world, number, room_of

pytestmark = pytest.mark.stack

FIRST, SECOND, ABROAD, UNKNOWN, SHUT, PRIVATE, SECURE, TONES = (number(n) for n in range(50, 58))

PLAN = f"""
version: 1
timezone: Europe/Berlin
lists:
  nuisance: ["+4990*"]
hours:
  always: {{daily: "00:00-24:00"}}
  never: {{daily: closed}}
limits: {{per_caller: 3/min, concurrent: 10}}
trunks:
  local: {{allow: ["127.0.0.1/32"]}}
  away: {{allow: ["198.51.100.0/24"]}}
  out: {{outbound: "127.0.0.1:9"}}
  private: {{allow: ["127.0.0.1/32"], srtp: required}}
  secure: {{allow: ["127.0.0.1/32"], transport: tls}}
  tones: {{allow: ["127.0.0.1/32"], dtmf: inband}}
numbers:
  "{TONES}": {{trunk: tones, language: en, route: all}}
  "{FIRST}": {{trunk: local, concurrent: 1, language: en, route: all}}
  "{SECOND}": {{trunk: local, language: en, route: all}}
  "{SHUT}": {{trunk: local, language: en, route: by_hours}}
  "{PRIVATE}": {{trunk: private, language: en, route: all}}
  "{SECURE}": {{trunk: secure, language: en, route: all}}
  "{ABROAD}": {{trunk: away, language: en, route: all}}
routes:
  all:
    - {{when: {{caller: nuisance}}, do: {{reject: 603}}}}
    - {{do: {{persona: reception}}}}
  by_hours:
    - {{when: {{hours: never, is: open}}, do: {{reject: 486}}}}
    - {{when: {{hours: always, is: open}}, do: {{reject: 404}}}}
    - {{do: {{persona: reception}}}}
personas:
  reception: {{prompt: p.md}}
defaults: {{else: {{voicemail: messages}}}}
voicemail:
  messages: {{max: 60s}}
"""


@pytest.fixture(scope="module")
def own_world() -> Iterator[World]:
    with new_world({"SWITCHBOARD_SIP_PING": "1"}) as world, world.leg():
        yield world


@pytest.fixture
async def world(own_world: World, tmp_path: Path) -> AsyncIterator[World]:
    yield own_world
    await own_world.nothing_left()


async def put(world: World, folder: Path) -> str:
    file = folder / "plan.yaml"
    file.write_text(PLAN)
    (folder / "p.md").write_text("You are the reception.\n")
    loaded = load(file)
    assert loaded.plan is not None, [str(problem) for problem in loaded.problems]
    async with redis.asyncio.Redis.from_url(world.livekit.redis_url) as client:
        return await PlanStore(client).put(loaded, "test")


async def refused(world: World, called: str) -> tuple[int, str]:
    event = await world.event("refused", called)
    assert isinstance(event, Refused)
    return event.code, event.reason


async def test_the_plan_says_who_may_come_in(world: World, line: Phones, tmp_path: Path) -> None:
    """Not ours 404, not from here 403, busy 486, encrypted by its trunk 488; a rule that rejects
    does so with its own code, by the hours of this moment and before there is a room. It all comes
    into force while the leg runs. What it cannot do at all it says in Redis."""
    revision = await put(world, tmp_path)
    await until(lambda: revision in world.log.read_text())
    async with (
        person(world.livekit, room_of(FIRST)),
        Caller(line, world.sip, FIRST, number="+4917010001") as one,
        Caller(line, world.sip, FIRST, number="+4917010002") as two,
        Caller(line, world.sip, UNKNOWN, number="+4917010003") as three,
        Caller(line, world.sip, ABROAD, number="+4917010004") as four,
        Caller(line, world.sip, SECOND, number="+4990010005") as five,
        Caller(line, world.sip, SHUT, number="+4917010006") as six,
        Caller(line, world.sip, PRIVATE, number="+4917010007") as seven,
        Caller(line, world.sip, SECURE, number="+4917010008") as eight,
    ):
        callers = (one, two, three, four, five, six, seven, eight)
        codes = [await caller.dial() for caller in callers]
        async with world.api() as client:
            rooms = (await client.room.list_rooms(api.ListRoomsRequest())).rooms

    assert codes == [200, 486, 404, 403, 603, 404, 488, 488]
    assert [room.name for room in rooms] == [room_of(FIRST)]
    assert await refused(world, FIRST) == (486, "limit_number")
    assert await refused(world, UNKNOWN) == (404, "no_such_number")
    assert await refused(world, ABROAD) == (403, "address_not_allowed")
    assert await refused(world, SECOND) == (603, "blocked")
    assert await refused(world, SHUT) == (404, "rejected_by_plan")
    assert await refused(world, PRIVATE) == (488, "encryption_unsupported")
    assert await refused(world, SECURE) == (488, "encryption_unsupported")
    async with redis.asyncio.Redis.from_url(world.livekit.redis_url) as client:
        assert msgspec.json.decode(await client.get(IN_FORCE), type=Leg) == WITHOUT_TLS


async def test_a_caller_who_calls_too_often_has_to_wait(
    world: World, line: Phones, tmp_path: Path
) -> None:
    """per_caller: 3/min lets the fourth call in a minute meet 486, other callers come through."""
    await put(world, tmp_path)
    codes = []
    async with person(world.livekit, room_of(SECOND)):
        for caller_number in ["+4917020001"] * 4 + ["+4917020002"]:
            async with Caller(line, world.sip, SECOND, number=caller_number) as caller:
                codes.append(await caller.dial())

    assert codes == [200, 200, 200, 486, 200]
    assert await refused(world, SECOND) == (486, "limit_caller")


@pytest.mark.parametrize(("called", "wanted"), [(TONES, "4711#"), (SECOND, "")])
async def test_keys_are_heard_as_tones_where_the_trunk_says_so(
    world: World, line: Phones, tmp_path: Path, called: str, wanted: str
) -> None:
    """The phone knows no events, so it sends tones; the room gets keys and not the tones."""
    revision = await put(world, tmp_path)
    await until(lambda: revision in world.log.read_text())
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, number="+4917030001") as caller,
    ):
        assert await caller.dial(describe(caller.local, keys=None)) == 200
        await until(lambda: len(agent.heard) > 50)
        agent.heard.clear()
        caller.stream.press("4711#")
        await until(lambda: not caller.stream.pressing)
        await until(lambda: len(agent.keys) == len(wanted))
        await asyncio.sleep(0.5)
        loud = max(int(np.abs(frame).max()) for frame in agent.heard)

    assert "".join(agent.keys) == wanted
    assert (loud < 500) is bool(wanted)


async def test_a_carrier_that_does_not_answer_is_named(world: World, tmp_path: Path) -> None:
    """In health, in metrics, and in Redis for `switchboard status`."""
    await put(world, tmp_path)
    await until(lambda: world.health()["carriers"])
    async with redis.asyncio.Redis.from_url(world.livekit.redis_url) as client:
        key = carriers_of("{}:{}".format(*world.sip))
        told = msgspec.json.decode(await client.get(key) or b"[]", type=list[CarrierState])

    assert [(state.trunk, state.address, state.up) for state in told] == [
        ("out", "127.0.0.1:9", False)
    ]
    assert world.health()["carriers"] == msgspec.to_builtins(told)
    line = 'switchboard_sip_carrier_up{address="127.0.0.1:9",trunk="out"} 0.0'
    assert line in world.metrics()
