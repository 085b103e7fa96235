"""With a stored plan its trunks say how a call has to come in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio

from dialplans.contracts.events import Refused
from dialplans.language.load import load
from dialplans.revisions.store import PlanStore
from sip.bridge.sdp.encryption import Encryption
from tests.sip.bridge.authority import Authority
from tests.sip.bridge.caller import Caller, Phones
from tests.sip.bridge.calls.encrypted.tls_world import by_tls, tls_world
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, number, room_of

pytestmark = pytest.mark.stack

OFF, ALLOWED, REQUIRED = Encryption


@pytest.fixture(scope="module")
def own_world(authority: Authority) -> Iterator[World]:
    with tls_world(authority) as world:
        yield world


@pytest.fixture
async def world(own_world: World) -> AsyncIterator[World]:
    yield own_world
    await own_world.nothing_left()


PLAN = f"""
version: 1
timezone: Europe/Berlin
trunks:
  secure: {{allow: ["127.0.0.1/32"], transport: tls, srtp: required}}
  either: {{allow: ["127.0.0.1/32"], srtp: allowed}}
  plain: {{allow: ["127.0.0.1/32"]}}
numbers:
  "{number(20)}": {{trunk: secure, language: en, route: all}}
  "{number(21)}": {{trunk: either, language: en, route: all}}
  "{number(22)}": {{trunk: plain, language: en, route: all}}
routes:
  all: [{{do: {{persona: reception}}}}]
personas:
  reception: {{prompt: p.md}}
defaults: {{else: {{voicemail: messages}}}}
voicemail:
  messages: {{max: 60s}}
"""


async def test_the_plan_says_what_a_trunk_wants(world: World, line: Phones, tmp_path: Path) -> None:
    """Whatever LiveKit's own trunk says."""
    (tmp_path / "p.md").write_text("You are the reception.\n")
    (tmp_path / "plan.yaml").write_text(PLAN)
    loaded = load(tmp_path / "plan.yaml")
    async with redis.asyncio.Redis.from_url(world.livekit.redis_url) as client:
        revision = await PlanStore(client).put(loaded, "test")
    await until(lambda: revision in world.log.read_text())
    secure, either, plain = (number(n) for n in (20, 21, 22))
    tries = [
        (secure, False, REQUIRED),
        (secure, True, OFF),
        (secure, True, REQUIRED),
        (either, False, OFF),
        (either, False, ALLOWED),
        (either, True, REQUIRED),
        (plain, True, ALLOWED),
        (plain, True, REQUIRED),
    ]
    codes, encrypted = [], []
    for called, tls, encryption in tries:
        target = by_tls(world) if tls else world.sip
        async with (
            person(world.livekit, room_of(called)),
            Caller(line, target, called, tls=tls, encryption=encryption) as caller,
        ):
            codes.append(await caller.dial())
            encrypted.append(caller.stream.protection.on)
    refused = [e for e in await world.events(secure) if isinstance(e, Refused)]

    assert codes == [488, 488, 200, 200, 200, 200, 200, 488]
    assert encrypted == [False, False, True, False, True, True, False, False]
    assert [event.reason for event in refused] == ["encryption_unsupported"] * 2
    assert "by TLS, and this one came by UDP" in refused[0].detail
