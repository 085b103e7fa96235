"""An independent telephone (baresip) registers with the leg and is rung on the whole stack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import baresip
import pytest
import redis.asyncio
from livekit import api

from agents.job.livekit_call_control import LiveKitCallControl
from agents.plans import PinnedPlan
from dialplans.language.load import load
from dialplans.model import TELEPHONES
from dialplans.revisions.store import PlanStore
from sip.apply import apply
from sip.client import connect
from sip.objects import object_name, prefix_of
from sip.phone import Phone
from sip.plan import make_plan
from sip.render import Rendering, render
from tests.sip.bridge.person import person, until
from tests.sip.bridge.registrar.conftest import PLAN, plan
from tests.sip.bridge.world import World, new_world

pytestmark = pytest.mark.stack

SECRETS = {"ANN": "secret", "BOB": "word"}
ROOM = "call-to-a-telephone"


@pytest.fixture(scope="module")
def own_world() -> Iterator[World]:
    with new_world(SECRETS) as world, world.leg():
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
    yield own_world
    await own_world.nothing_left()


def places(world: World) -> list[str]:
    told = world.health()["telephones"]
    assert isinstance(told, dict)
    ann = told.get("ann")  # as soon as the leg knows the plan
    return list(ann["at"]) if ann else []


async def ring(world: World, name: str = "ann") -> None:
    async with world.api() as client:
        found = await client.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())
        wanted = object_name("main", "outbound", TELEPHONES)
        trunk = next(t for t in found.items if t.name == wanted)
        request = api.CreateSIPParticipantRequest(
            sip_trunk_id=trunk.sip_trunk_id,
            sip_call_to=name,
            sip_number="+447700900123",
            room_name=ROOM,
            participant_identity="telephone",
        )
        await client.sip.create_sip_participant(request)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_registered_telephone_rings_and_is_heard(world: World, transport: str) -> None:
    """It shows who calls. Its goodbye is heard: from then on it is nowhere."""
    server = f"{world.sip[0]}:{world.sip[1]}"
    async with Phone(server, transport=transport) as phone:
        await phone.register("ann", "secret")
        known = places(world)
        async with person(world.livekit, ROOM) as agent:
            agent.hz = 440
            await ring(world)
            call = await phone.rings()
            shown = call.peer
            await call.answer()
            await until(lambda: "active" in agent.statuses)
            await call.hang_up()
            await until(lambda: agent.left)
    await until(lambda: not places(world))

    assert len(known) == 1
    assert "+447700900123" in shown


async def test_a_target_rings_it_without_a_trunk(world: World) -> None:
    """As a persona that puts a caller through does it; a withheld number stays withheld."""
    async with (
        Phone(f"{world.sip[0]}:{world.sip[1]}") as phone,
        person(world.livekit, ROOM) as agent,
        world.api() as client,
    ):
        await phone.register("ann", "secret")
        pinned = PinnedPlan(plan(), "revision", {})
        control = LiveKitCallControl(client, agent.room, "nobody", pinned)
        assert plan().targets["ann"].rung == ("ann", TELEPHONES)
        dialling = asyncio.create_task(control.dial("ann", via=TELEPHONES, ring_s=20))
        call = await phone.rings()
        shown = call.peer
        await call.answer()
        identity = await dialling
        await control.drop(identity)
        await call.until_closed()

    assert "anonymous" in shown


async def test_a_leg_that_starts_again_rings_who_was_registered(world: World) -> None:
    """Where telephones are is kept in Redis: nobody has to register anew."""
    server = f"{world.sip[0]}:{world.sip[1]}"
    async with Phone(server) as phone:
        await phone.register("ann", "secret")
        with world.sibling({}) as other:
            await until(lambda: places(other))


async def test_a_wrong_password_is_no_telephone(world: World) -> None:
    async with Phone(f"{world.sip[0]}:{world.sip[1]}") as phone:
        with pytest.raises(baresip.RegistrationError, match="403"):
            await phone.register("ann", "guess")

    assert places(world) == []


async def test_a_telephone_that_is_nowhere_is_told_to_whoever_rings_it(world: World) -> None:
    async with person(world.livekit, ROOM) as agent, world.api() as client:
        found = await client.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())
        request = api.CreateSIPParticipantRequest(
            sip_trunk_id=found.items[0].sip_trunk_id,
            sip_call_to="ann",
            room_name=ROOM,
            participant_identity="telephone",
            wait_until_answered=True,
        )
        with pytest.raises(api.SipCallError) as failed:
            await client.sip.create_sip_participant(request)
        await until(lambda: agent.left)

    assert failed.value.sip_status_code == 480
