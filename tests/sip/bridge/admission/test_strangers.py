"""Who is on no trunk does not learn which numbers there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio

from dialplans.contracts.events import Refused
from dialplans.language.load import load
from dialplans.revisions.store import PlanStore
from sip.bridge.signalling.digest import Login
from tests.sip.bridge.caller import Caller, Phones
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import LOGIN, UNKNOWN, World, new_world, number, room_of

pytestmark = pytest.mark.stack

OFFICE, SHUT = number(58), number(59)

PLAN = f"""
version: 1
timezone: Europe/Berlin
lists: {{nuisance: ["*"]}}
limits: {{per_caller: 50/min}}
trunks:
  carrier: {{auth: "env:CARRIER"}}
  office: {{allow: ["198.51.100.0/24"]}}
numbers:
  "{LOGIN}": {{trunk: carrier, language: en, route: all}}
  "{SHUT}": {{trunk: carrier, language: en, route: nobody}}
  "{OFFICE}": {{trunk: office, language: en, route: all}}
routes:
  all: [{{do: {{persona: reception}}}}]
  nobody: [{{do: {{reject: 603}}}}]
personas:
  reception: {{prompt: p.md}}
defaults: {{else: {{voicemail: messages}}}}
voicemail:
  messages: {{max: 60s}}
"""


UNHURRIED = {
    "SWITCHBOARD_SIP_CALLS_PER_SECOND": "1000",
    "SWITCHBOARD_SIP_STRANGER_BYTES_PER_SECOND": "100000",
}
"""What strangers may send is another matter."""


@pytest.fixture(scope="module")
def own_world() -> Iterator[World]:
    with new_world(UNHURRIED) as world, world.leg():
        yield world


@pytest.fixture
async def world(own_world: World, tmp_path: Path) -> AsyncIterator[World]:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN)
    (tmp_path / "p.md").write_text("You are the reception.\n")
    loaded = load(file)
    assert loaded.plan is not None, [str(problem) for problem in loaded.problems]
    async with redis.asyncio.Redis.from_url(own_world.livekit.redis_url) as client:
        revision = await PlanStore(client).put(loaded, "test")
    await until(lambda: revision in own_world.log.read_text())
    yield own_world
    await own_world.nothing_left()


async def options(world: World, line: Phones, called: str) -> int:
    async with Caller(line, world.sip, called) as caller:
        request = caller.request(1, b"", ())
        request.method = "OPTIONS"
        request.headers.set_single("CSeq", "1 OPTIONS")
        response = await line.endpoint.send(request, caller.flow, world.sip).final()
    return response.status_code if response is not None else 0


async def test_every_number_looks_alike_to_a_stranger(world: World, line: Phones) -> None:
    """One that is not there, one of another trunk, one that rejects everybody, and one that a
    password opens. The record knows better; who has the password is told the truth."""
    asked, wrong = [], []
    for called in (UNKNOWN, OFFICE, SHUT, LOGIN):
        async with Caller(line, world.sip, called) as caller:
            asked.append((await caller.dial(), await options(world, line, called)))
            caller.renew()
            caller.codes.clear()
            caller.login = Login("carrier", "guessed")
            wrong.append(await caller.dial())
    event = await world.event("refused", UNKNOWN)
    right = Login("carrier", "secret")
    async with (
        person(world.livekit, room_of(LOGIN)),
        Caller(line, world.sip, LOGIN, login=right) as caller,
    ):
        let_in = await caller.dial()
    async with Caller(line, world.sip, UNKNOWN) as caller:
        known = await caller.dial(), await options(world, line, UNKNOWN)

    assert asked == [(407, 200)] * 4
    assert wrong == [401] * 4
    assert isinstance(event, Refused)
    assert (event.code, event.reason) == (401, "no_such_number")
    assert let_in == 200
    assert known == (404, 404)
