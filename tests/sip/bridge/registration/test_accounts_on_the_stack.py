"""A registered account on the whole stack: its calls come in, ours go out through it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio
from livekit import api

from dialplans.contracts.events import Refused, Started
from dialplans.language.load import Loaded, load
from dialplans.revisions.store import PlanStore
from sip.apply import apply
from sip.bridge.signalling.digest import Login
from sip.client import connect
from sip.objects import prefix_of
from sip.plan import make_plan
from sip.render import Rendering, render
from tests.sip.bridge.callee import callee
from tests.sip.bridge.caller import Caller, Phones, phones, tone
from tests.sip.bridge.person import person, until
from tests.sip.bridge.registration.registrar import Registrar, registrar
from tests.sip.bridge.world import World, new_world

pytestmark = pytest.mark.stack

BOX, ELSEWHERE = "127.0.0.9", "127.0.0.8"
ONE, TWO, STATIC = "+493023125100", "+493023125200", "+493023125300"
SECRETS = {"BOX_PASSWORD": "secret"}

PLAN = """
version: 1
timezone: Europe/Berlin
trunks:
  box: {{register: {{server: "{server}", user: "620", password: "env:BOX_PASSWORD"}}}}
  static: {{allow: ["{elsewhere}/32"]}}
numbers:
  "{one}": {{trunk: box, language: en, route: all}}
  "{two}": {{trunk: box, language: en, route: all}}
  "{static}": {{trunk: static, language: en, route: all}}
routes:
  all: [{{do: {{voicemail: messages}}}}]
voicemail:
  messages: {{max: 60s}}
"""


@pytest.fixture(scope="module")
def own_world() -> Iterator[World]:
    with new_world({**SECRETS, "SWITCHBOARD_SIP_NO_WORKER_AFTER": "20"}) as world, world.leg():
        yield world


@pytest.fixture
async def world(own_world: World) -> AsyncIterator[World]:
    await own_world.forget_events()
    yield own_world
    await own_world.nothing_left()


@contextlib.asynccontextmanager
async def registered(world: World, folder: Path, **how: object) -> AsyncIterator[Registrar]:
    """The server of the account, once the plan that names it is in force."""
    async with registrar(host=BOX, **how) as made:
        file = folder / "plan.yaml"
        written = PLAN.format(
            server=made.server, elsewhere=ELSEWHERE, one=ONE, two=TWO, static=STATIC
        )
        file.write_text(written)
        loaded = load(file)
        assert loaded.plan is not None, loaded.report()
        await provision(world, loaded)
        await until(lambda: made.asked and account(world)["registered"])
        yield made


@pytest.fixture
async def box(world: World, tmp_path: Path) -> AsyncIterator[Registrar]:
    async with registered(world, tmp_path) as made:
        yield made


async def provision(world: World, loaded: Loaded) -> None:
    assert loaded.plan is not None
    env = {name: world.env[name] for name in world.env if name.startswith("LIVEKIT")}
    async with connect(env) as objects:
        there = await objects.fetch()
        wanted = render(loaded.plan, Rendering("main", SECRETS))
        async for _ in apply(make_plan(wanted, there, prefix_of("main")), objects, there):
            pass
    async with redis.asyncio.Redis.from_url(world.livekit.redis_url) as client:
        await PlanStore(client).put(loaded, "test")


def account(world: World) -> dict[str, object]:
    told = world.health()["registrations"]
    assert isinstance(told, dict)
    return dict(told.get("box") or {"registered": False})


@pytest.fixture
async def server_line() -> AsyncIterator[Phones]:
    """Where the server sends calls from: its host, another port."""
    async with phones((BOX, 0)) as made:
        yield made


@pytest.mark.parametrize(
    ("uri", "headers", "called"),
    [
        ("620", (("To", f"<sip:{ONE}@fritz.box>"),), ONE),
        ("620", (("To", "<sip:620@fritz.box>"), ("P-Called-Party-ID", f"<sip:{TWO}@x>")), TWO),
        ("620", (("To", "<sip:620@fritz.box>"), ("P-Called-Party-ID", "<sip:3125200@x>")), TWO),
        (TWO, (), TWO),
    ],
)
async def test_a_call_to_the_account_comes_in(
    world: World,
    box: Registrar,
    server_line: Phones,
    uri: str,
    headers: tuple[tuple[str, str], ...],
    called: str,
) -> None:
    """No trunk names the server's address. It sends the call to our contact, and says elsewhere
    which number was dialled; livekit-server finds the trunk all the same."""
    async with Caller(server_line, world.sip, uri, headers=headers) as caller:
        caller.playing = tone(1000)
        caller.ring()
        started = await world.event("started", called)
        assert isinstance(started, Started)
        async with person(world.livekit, started.call) as agent:
            code = await caller.final()
            await until(lambda: agent.heard_tone(1000) > 0.9)

    assert code == 200
    assert (started.called, started.caller) == (called, "+4917012345")
    assert started.source_ip == BOX


async def test_the_account_is_no_way_in_for_others(world: World, box: Registrar) -> None:
    """Another trunk's address that knows our contact, or the account's numbers."""
    async with phones((ELSEWHERE, 0)) as line:
        codes = []
        for uri in (ONE, "620"):
            to = ("To", f"<sip:{ONE}@fritz.box>")
            async with Caller(line, world.sip, uri, headers=(to,)) as caller:
                codes.append(await caller.dial())
    refused = await world.event("refused", ONE)

    assert codes == [403, 403]
    assert isinstance(refused, Refused)
    assert refused.reason == "address_not_allowed"


async def test_our_calls_leave_as_the_account(world: World, tmp_path: Path) -> None:
    """In its name, with its password, by the way that the registrar named."""
    async with callee() as phone:
        phone.login = Login("620", "secret", "home")
        way = f"<sip:{phone.address[0]}:{phone.address[1]};lr>"
        async with registered(world, tmp_path, extra=[("Service-Route", way)]):
            room = "call-out-by-account"
            async with person(world.livekit, room), world.api() as client:
                await dial(client, room)
                await phone.hang_up()
        invite = phone.invites[-1]

    assert phone.proved
    assert invite.uri.startswith(f"sip:+491701111@{BOX}:")
    assert f"<sip:620@{BOX}>;tag=" in (invite.header("from") or "")
    assert invite.headers("route") == [way]


async def dial(client: api.LiveKitAPI, room: str) -> None:
    found = await client.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())
    trunk = next(t for t in found.items if t.name == "switchboard/main/outbound/box")
    request = api.CreateSIPParticipantRequest(
        sip_trunk_id=trunk.sip_trunk_id,
        sip_call_to="+491701111",
        room_name=room,
        participant_identity="callee",
        wait_until_answered=True,
    )
    await client.sip.create_sip_participant(request)
