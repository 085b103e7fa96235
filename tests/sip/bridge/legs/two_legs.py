"""Two legs, of which the first registers accounts; a plan with all that they share."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis.asyncio
from aiosipua.message import SipRequest
from livekit import api

from dialplans.language.load import Loaded, load
from dialplans.revisions.store import PlanStore
from sip.apply import apply
from sip.client import connect
from sip.objects import object_name, prefix_of
from sip.plan import make_plan
from sip.render import Rendering, render
from tests.sip.bridge.person import until
from tests.sip.bridge.registration.registrar import Registrar, registrar
from tests.sip.bridge.world import World

BOX = "127.0.0.9"
ACCOUNT, ONE_CALL, OFTEN, OPEN = "+493023125100", "+493023125200", "+493023125300", "+493023125400"
SECRETS = {"BOX_PASSWORD": "secret", "ANN": "secret"}
PLAN = """
version: 1
timezone: Europe/Berlin
limits: {{per_caller: 3/min, concurrent: 30}}
trunks:
  box: {{register: {{server: "{server}", user: "620", password: "env:BOX_PASSWORD"}}}}
  desk: {{allow: ["127.0.0.1/32"]}}
telephones:
  ann: {{password: "env:ANN"}}
targets:
  ann: {{telephone: ann, else: {{voicemail: messages}}}}
numbers:
  "{account}": {{trunk: box, language: en, route: all}}
  "{one}": {{trunk: desk, language: en, route: all, concurrent: 1}}
  "{often}": {{trunk: desk, language: en, route: all}}
  "{open}": {{trunk: desk, language: en, route: all}}
  web: {{language: en, route: telephone}}
routes:
  all: [{{do: {{voicemail: messages}}}}]
  telephone: [{{do: {{target: ann}}}}]
voicemail:
  messages: {{max: 60s}}
"""


@dataclass
class Legs:
    """`box` is the server of the account."""

    first: World
    second: World
    box: Registrar

    @property
    def both(self) -> tuple[World, World]:
        return self.first, self.second


@contextlib.asynccontextmanager
async def two_legs(servers: World, folder: Path) -> AsyncIterator[Legs]:
    """The first leads: the account is registered before the second starts."""
    async with redis.asyncio.Redis.from_url(servers.livekit.redis_url) as client:
        async for key in client.scan_iter("switchboard:*"):  # what earlier ones have left
            if not key.startswith((b"switchboard:plan", b"switchboard:events")):
                await client.delete(key)
    async with registrar(host=BOX) as box:
        await _provision(servers, _plan(box.server, folder / "plan.yaml"))
        running = contextlib.ExitStack()
        try:  # in a thread: meanwhile the server of the account has to answer
            await asyncio.to_thread(running.enter_context, servers.leg())
            await until(lambda: bool(box.asked))
            second = await asyncio.to_thread(running.enter_context, servers.sibling({}))
            running.callback(_end_now, second)
            made = Legs(servers, second, box)
            await until(lambda: all(leg.health()["other_legs"] for leg in made.both))
            await until(lambda: all(leg.health()["telephones"] for leg in made.both))
            yield made
        finally:
            await asyncio.to_thread(_end_now, servers)
            await asyncio.to_thread(running.close)


def _plan(server: str, file: Path) -> Loaded:
    numbers = {"account": ACCOUNT, "one": ONE_CALL, "often": OFTEN, "open": OPEN}
    file.write_text(PLAN.format(server=server, **numbers))
    return load(file)


async def _provision(world: World, loaded: Loaded) -> None:
    assert loaded.plan is not None, loaded.report()
    env = {name: world.env[name] for name in world.env if name.startswith("LIVEKIT")}
    async with connect(env) as objects:
        there = await objects.fetch()
        wanted = render(loaded.plan, Rendering("main", SECRETS))
        async for _ in apply(make_plan(wanted, there, prefix_of("main")), objects, there):
            pass
    async with redis.asyncio.Redis.from_url(world.livekit.redis_url) as client:
        await PlanStore(client).put(loaded, "test")


def _end_now(leg: World) -> None:
    """Without waiting for calls that a test has left: the next leg wants the port."""
    if leg.process.poll() is None:
        leg.process.send_signal(signal.SIGINT)
        leg.process.wait(30)


def kill_all(leg: World) -> None:
    """Every process of it, before one could do anything about it."""
    parent = leg.process.pid
    os.kill(parent, signal.SIGSTOP)  # or it starts its children again
    for child in psutil.Process(parent).children():
        os.kill(child.pid, signal.SIGKILL)
    leg.process.kill()
    leg.process.wait()


def name_of(leg: World) -> str:
    return "{}:{}".format(*leg.sip)


def leg_of(contact: str | None, legs: Legs) -> World:
    """Whose address is in a Contact."""
    (found,) = [leg for leg in legs.both if f":{leg.sip[1]}" in (contact or "")]
    return found


def contacts(box: Registrar, leg: World) -> list[str | None]:
    """What this leg's Contact was registered for, in order: seconds."""
    mine = [r for r in box.asked if f":{leg.sip[1]};" in (r.get_header("contact") or "")]
    return [expires_of(request) for request in mine]


def expires_of(request: SipRequest) -> str | None:
    return request.get_header("expires")


async def dial(world: World, to: str, trunk: str, room: str, **more: object) -> None:
    async with world.api() as client:
        found = await client.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())
        wanted = object_name("main", "outbound", trunk)
        request = api.CreateSIPParticipantRequest(
            sip_trunk_id=next(t for t in found.items if t.name == wanted).sip_trunk_id,
            sip_call_to=to,
            sip_number="+447700900123",
            room_name=room,
            participant_identity="telephone",
            **more,
        )
        await client.sip.create_sip_participant(request)
