"""An independent telephone (baresip) is a person's seat: livekit-server, the leg and a gateway."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from livekit import rtc

from dialplans.contracts import control
from dialplans.contracts import events as ev
from dialplans.language.load import load_text
from dialplans.process.background import end
from sip.apply import apply
from sip.client import connect
from sip.objects import prefix_of
from sip.phone import Phone
from sip.phone.audio import Samples
from sip.phone.call import PhoneCall
from sip.phone.ear import Segment
from sip.plan import make_plan
from sip.render import Rendering, render
from tests.gateway.acd.desks import ready, wanted
from tests.gateway.acd.telephones import PLAN, at, comes_of, planned
from tests.gateway.rooms import Job, joined
from tests.gateway.running import Gateway, running_gateway, settings_for, started
from tests.gateway.sse import listening
from tests.sip.bridge.caller import purity
from tests.sip.bridge.person import Person, person, until
from tests.sip.bridge.world import World, new_world

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

SECRETS = {"ANN": "secret", "BOB": "word", "POR": "porter"}
CALLER, DESK, WHISPER = 440.0, 620.0, 1000.0
"""Hz: what each of them says."""


@dataclass
class Floor:
    world: World
    gateway: Gateway

    @contextlib.asynccontextmanager
    async def call(self, name: str) -> AsyncIterator[tuple[Person, Job]]:
        """A caller who hums, and a job that obeys."""
        livekit = self.world.livekit
        job = Job(name, livekit.secret)
        async with (
            person(livekit, name, identity="caller", kind="sip") as caller,
            person(livekit, name, identity="agent-1", voice=False) as agent,
        ):
            caller.hz = CALLER
            agent.room.local_participant.register_rpc_method(control.METHOD, job.answer)
            await self.gateway.happen(started(name), wanted(name, queue="office", skills=[]))
            yield caller, job


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with new_world(SECRETS) as made, made.leg():
        yield made


@pytest.fixture
async def floor(world: World, tmp_path: Path) -> AsyncIterator[Floor]:
    loaded = load_text(PLAN)
    assert loaded.plan is not None, loaded.report()
    env = {name: world.env[name] for name in world.env if name.startswith("LIVEKIT")}
    async with connect(env) as objects:
        there = await objects.fetch()
        wish = render(loaded.plan, Rendering("main", SECRETS))
        async for _ in apply(make_plan(wish, there, prefix_of("main")), objects, there):
            pass
    settings = settings_for(
        tmp_path,
        world.livekit.redis_url,
        livekit_url=world.livekit.url,
        livekit_api_key=world.livekit.key,
        livekit_api_secret=world.livekit.secret,
        lease_socket=str(tmp_path / "lease.sock"),
    )
    port = world.running.servers.layout.gateway.port
    async with running_gateway(settings, port=port) as gateway:
        await planned(gateway)
        await until(lambda: world.health()["telephones"])
        yield Floor(world, gateway)


@contextlib.asynccontextmanager
async def telephone(floor: Floor) -> AsyncIterator[tuple[Phone, httpx.AsyncClient]]:
    """ann's, and she is ready in the console."""
    ann = await floor.gateway.signed_in("agent", name="ann")
    host, port = floor.world.sip
    async with Phone(f"{host}:{port}") as phone, listening(ann) as source:
        await source.until("snapshot")
        await phone.register("room-12", "secret")
        await ready(ann)
        await at(ann, "ann", registered=True, state="ready")
        yield phone, ann


def tone(hz: float, seconds: float, rate: int = 8000) -> Samples:
    wave = np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate) * 9000
    return wave.astype(np.int16)


@contextlib.asynccontextmanager
async def humming(call: PhoneCall) -> AsyncIterator[None]:
    async def hum() -> None:
        while True:
            await call.play(tone(DESK, 2))

    task = asyncio.create_task(hum())
    try:
        yield
    finally:
        await end(task)


@contextlib.asynccontextmanager
async def whispering(connection: dict[str, Any]) -> AsyncIterator[None]:
    async with joined(connection["server_url"], connection["token"]) as room:
        source = rtc.AudioSource(48_000, 1)
        track = rtc.LocalAudioTrack.create_audio_track("whisper", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await room.local_participant.publish_track(track, options)
        sound = tone(WHISPER, 1, 48_000)

        async def speak() -> None:
            while True:
                for begin in range(0, len(sound), 480):
                    part = sound[begin : begin + 480].tobytes()
                    await source.capture_frame(rtc.AudioFrame(part, 48_000, 1, 480))

        task = asyncio.create_task(speak())
        try:
            yield
        finally:
            await end(task)
            await source.aclose()


def in_the_ear(call: PhoneCall, hz: float, seconds: float = 0.8) -> float:
    now = time.time()
    sound, rate = call.far_audio(Segment(now - seconds, now), 0.0)
    return purity(sound, hz, rate)


async def stays(condition: Any, for_s: float = 1.5) -> None:
    """True again and again, after a moment in which sound under way may still come."""
    await asyncio.sleep(1.0)
    until_s = time.monotonic() + for_s
    while time.monotonic() < until_s:
        assert condition()
        await asyncio.sleep(0.1)


async def test_a_call_at_the_telephone_of_its_person(floor: Floor) -> None:
    """It shows who calls; sound goes both ways; a whisper reaches the telephone and nobody else; on
    hold neither hears the other; hanging up ends the call and is followed by wrap-up."""
    sue = await floor.gateway.signed_in("supervisor", name="sue")
    name = "call-442079460100-s1"
    async with telephone(floor) as (phone, ann), floor.call(name) as (caller, job):
        call = await phone.rings()
        shown = call.peer
        await call.answer()
        await at(ann, "ann", state="busy", by="telephone", call=name)
        async with humming(call):
            await until(lambda: in_the_ear(call, CALLER) > 0.8)
            await until(lambda: caller.heard_tone(DESK) > 0.8)
            answer = await sue.post(f"/api/calls/{name}/mode", json={"mode": "whisper"})
            side = next(c for c in answer.json()["open"] if c["purpose"] == "side")
            async with whispering(side):
                await until(lambda: in_the_ear(call, WHISPER) > 0.2)
                await stays(lambda: caller.heard_tone(WHISPER) < 0.02)
                both = in_the_ear(call, CALLER)
            await sue.post(f"/api/calls/{name}/mode", json={"mode": "idle"})
            await ann.post(f"/api/calls/{name}/hold", json={"on": True})
            await until(lambda: in_the_ear(call, CALLER) < 0.1)
            await stays(lambda: caller.heard_tone(DESK) < 0.1)
            await ann.post(f"/api/calls/{name}/hold", json={"on": False})
            await until(lambda: caller.heard_tone(DESK) > 0.8)
            await until(lambda: in_the_ear(call, CALLER) > 0.8)
        await call.hang_up()
        await at(ann, "ann", state="wrap_up", by="")
        entries = [e.event for e in await floor.gateway.container.records.entries(name)]

    assert "+491701234567" in shown
    assert both > 0.2
    assert job.ops == ["takeover", "hold", "unhold", "hangup"]
    await comes_of(floor.gateway, name, ("ann", "ringing"), ("ann", "accepted"))
    assert [e.leg[:5] for e in entries if isinstance(e, ev.Answered) and e.leg] == ["seat-"]


async def test_a_telephone_that_is_not_answered(floor: Floor) -> None:
    """It rings no more for a caller who has gone; who declines stays ready; and when the telephone
    says goodbye the seat is the browser's."""
    async with telephone(floor) as (phone, ann):
        async with floor.call("call-442079460100-s2"):
            first = await phone.rings()
            gone = ev.Ended(call="call-442079460100-s2", source="agent", cause="caller_hung_up")
            await floor.gateway.happen(gone)
            await first.until_closed()
            await at(ann, "ann", state="ready", call=None)
        async with floor.call("call-442079460100-s3"):
            second = await phone.rings()
            await second.reject()
            await at(ann, "ann", state="ready", call=None)
        outcomes = (("ann", "ringing"), ("ann", "declined"))
        await comes_of(floor.gateway, "call-442079460100-s3", *outcomes)
    boss = await floor.gateway.signed_in("supervisor", name="boss")
    there = await at(boss, "ann", registered=False)

    assert there["telephone"] == "room-12"


async def test_the_switch_moves_a_call_to_the_telephone_and_back(floor: Floor) -> None:
    """The caller hears the person all the time, by one of the two, and the job is not told that
    anybody has left."""
    name = "call-442079460100-s4"
    async with telephone(floor) as (phone, ann), floor.call(name) as (caller, job):
        call = await phone.rings()
        await call.answer()
        await at(ann, "ann", state="busy", by="telephone")
        async with humming(call):
            await until(lambda: caller.heard_tone(DESK) > 0.8)
            moved = (await ann.put("/api/desk/line", json={"line": "browser"})).json()
            talk = next(c for c in moved["connections"] if c["purpose"] == "talk")
            async with whispering(talk):
                await call.until_closed()
                await at(ann, "ann", state="busy", by="browser")
                await until(lambda: caller.heard_tone(WHISPER) > 0.8)
                await ann.put("/api/desk/line", json={"line": "telephone"})
                again = await phone.rings()
                await again.answer()
                await at(ann, "ann", state="busy", by="telephone")
        async with humming(again):
            await until(lambda: caller.heard_tone(DESK) > 0.8)
            await until(lambda: in_the_ear(again, CALLER) > 0.8)
        await ann.post(f"/api/desk/calls/{name}/giveback", json={"note": ""})
        await again.until_closed()

    assert job.ops == ["takeover", "giveback"]
