"""A telephone of the company calls: what it has to prove, and where it may call to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio

from dialplans.contracts.events import Refused, Started
from dialplans.language.load import load
from dialplans.revisions.store import PlanStore
from sip.apply import apply
from sip.bridge.signalling.digest import Login
from sip.client import connect
from sip.objects import prefix_of
from sip.phone import Phone
from sip.plan import make_plan
from sip.render import Rendering, render
from tests.sip.bridge.caller import Caller, Phones, phones
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, new_world

pytestmark = pytest.mark.stack

SECRETS = {"ANN": "secret", "BOB": "word", "BOX": "carrier:pass@203.0.113.5"}
FRONT, GUARDED = "+498920007700", "+498920007701"
PLAN = f"""
version: 1
timezone: Europe/Berlin
trunks:
  far: {{allow: ["203.0.113.5"]}}
  box: {{auth: "env:BOX"}}
telephones:
  ann: {{password: "env:ANN", calls: ["21", "{FRONT}", "{GUARDED}"]}}
  bob: {{password: "env:BOB"}}
  cid: {{password: "env:BOB", calls: ["*"], allow: ["127.0.0.9/32"]}}
targets:
  bob: {{telephone: bob, else: {{voicemail: box}}}}
numbers:
  "21": {{language: en, route: all}}
  "22": {{language: en, route: all}}
  "{FRONT}": {{trunk: far, language: en, route: all}}
  "{GUARDED}": {{trunk: box, language: en, route: all}}
routes: {{all: [{{do: {{target: bob}}}}]}}
voicemail: {{box: {{max: 60s}}}}
"""


@pytest.fixture(scope="module")
def own_world() -> Iterator[World]:
    patient = {
        "SWITCHBOARD_SIP_NO_WORKER_AFTER": "8",
        "SWITCHBOARD_SIP_RINGING_TIMEOUT": "9",
        "SWITCHBOARD_SIP_CALLS_PER_SECOND": "1000",
    }
    with new_world({**SECRETS, **patient}) as world, world.leg():
        yield world


@pytest.fixture
async def world(own_world: World, tmp_path: Path) -> AsyncIterator[World]:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN)
    loaded = load(file)
    assert loaded.plan is not None, loaded.report()
    env = {name: own_world.env[name] for name in own_world.env if name.startswith("LIVEKIT")}
    async with connect(env) as objects:
        there = await objects.fetch()
        wanted = render(loaded.plan, Rendering("main", SECRETS))
        async for _ in apply(make_plan(wanted, there, prefix_of("main")), objects, there):
            pass
    async with redis.asyncio.Redis.from_url(own_world.livekit.redis_url) as client:
        await PlanStore(client).put(loaded, "test")
    await until(lambda: own_world.health()["telephones"])
    await own_world.forget_events()
    yield own_world
    await own_world.nothing_left()


@pytest.fixture
async def line() -> AsyncIterator[Phones]:
    async with phones() as made:
        yield made


def call(line: Phones, world: World, called: str, name: str = "ann", password: str = "") -> Caller:
    login = Login(name, password or {"ann": "secret"}.get(name, "word"))
    return Caller(line, world.sip, called, number=name, login=login)


@pytest.mark.parametrize("called", ["21", FRONT, GUARDED, "089 20007700"])
async def test_a_telephone_is_put_through_to_the_numbers_of_its_calls(
    world: World, line: Phones, called: str
) -> None:
    """By its own password alone: neither the trunk's addresses nor its password are asked for. A
    number is dialled as at home, too."""
    called = called.replace(" ", "")
    number = FRONT if called.startswith("0") else called
    async with call(line, world, called) as caller:
        dialling = asyncio.create_task(caller.dial())
        started = await world.event("started", number)
        async with person(world.livekit, started.call) as agent:
            code = await dialling
            await until(lambda: "active" in agent.statuses)
            await caller.hang_up()
            await until(lambda: agent.left)

    assert isinstance(started, Started)
    assert (started.caller, started.called) == ("ann", number)
    assert code == 200
    assert next(code for code in caller.codes if code > 100) == 407


@pytest.mark.parametrize(
    ("name", "password", "called", "code", "reason"),
    [
        ("ann", "", "22", 403, "rejected_by_plan"),
        ("bob", "", "21", 403, "rejected_by_plan"),
        ("bob", "", FRONT, 403, "rejected_by_plan"),
        ("ann", "", "23", 404, "no_such_number"),
        ("ann", "", "+4930123456", 404, "no_such_number"),
        ("ann", "guess", "21", 401, "wrong_password"),
        ("cid", "", "21", 401, "wrong_password"),  # not from its address
    ],
)
async def test_what_the_plan_does_not_give_a_telephone_is_refused(
    world: World, line: Phones, name: str, password: str, called: str, code: int, reason: str
) -> None:
    """With its own code, and a record that says why; only who has proved to be a telephone learns
    which numbers there are."""
    async with call(line, world, called, name, password) as caller:
        found = await caller.dial()
        refused = await world.event("refused", called)

    assert found == code
    assert isinstance(refused, Refused)
    assert (refused.code, refused.reason) == (code, reason)
    assert next(code for code in caller.codes if code > 100) == 407


async def test_a_stranger_is_told_the_same_whatever_name_it_bears(world: World) -> None:
    """Names of telephones are not to be found out by calling, nor numbers; from an address that
    nobody has proved anything from."""
    told = []
    async with phones(("127.0.0.3", 0)) as line:
        for name in ("ann", "zoe", "+4917012345"):
            for called in ("21", "77", FRONT):
                async with call(line, world, called, name, "guess") as caller:
                    code = await caller.dial()
                    told.append((tuple(found for found in caller.codes if found > 100), code))

    assert set(told) == {((407, 401), 401)}


async def test_an_independent_telephone_calls_a_short_number(world: World) -> None:
    async with Phone(f"{world.sip[0]}:{world.sip[1]}") as phone:
        await phone.register("ann", "secret")
        made = await phone.dial("21", caller="ann", password="secret")
        started = await world.event("started", "21")
        async with person(world.livekit, started.call) as agent:
            agent.hz = 440
            await made.answered()
            await until(lambda: "active" in agent.statuses)
            await made.hang_up()
            await until(lambda: agent.left)

    assert isinstance(started, Started)
    assert started.caller == "ann"
