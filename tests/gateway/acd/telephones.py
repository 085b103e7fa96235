"""People whose seat is a telephone, at a gateway whose livekit-server is a fake."""

from __future__ import annotations

import time
from typing import Any

import httpx
import msgspec
from livekit import api

from dialplans.contracts import events as ev
from dialplans.contracts.jobs import TELEPHONE_PLACES
from dialplans.language.load import load_text
from sip.bridge.registrar.bindings import Binding
from tests.fakes.livekit_api import FakeLiveKit
from tests.gateway.acd.desks import wanted
from tests.gateway.running import Gateway, started, until

PLAN = """
version: 1
timezone: Europe/Berlin
telephones:
  room-12: {password: "env:ANN", person: ann}
  room-13: {password: "env:BOB", person: bob}
  porter: {password: "env:POR", person: por, ready: registered}
queues: {office: {ring: 40s, overflow: [{after: 60s, do: {voicemail: box}}]}}
numbers: {web: {language: en, route: all}}
routes: {all: [{do: {queue: office}}]}
voicemail: {box: {max: 60s}}
"""


async def planned(gateway: Gateway, text: str = PLAN) -> None:
    loaded = load_text(text)
    assert loaded.plan is not None, loaded.report()
    await gateway.container.plan.store.put(loaded, "test")


async def registered(gateway: Gateway, telephone: str, *, seconds: float = 600) -> None:
    """As the leg writes it."""
    place = Binding(
        contact=f"sip:{telephone}@192.0.2.7",
        host="192.0.2.7",
        port=5060,
        tcp=False,
        until=time.time() + seconds,
        call_id="c",
        cseq=1,
    )
    written = msgspec.json.encode((place,))
    await gateway.container.redis.hset(TELEPHONE_PLACES, telephone, written)


async def unregistered(gateway: Gateway, telephone: str) -> None:
    await gateway.container.redis.hdel(TELEPHONE_PLACES, telephone)


async def seat(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    seats = (await client.get("/api/desk")).json()["seats"]
    found: dict[str, Any] = next((s for s in seats if s["name"] == name), {})
    return found


async def at(client: httpx.AsyncClient, name: str, **fields: object) -> dict[str, Any]:
    """The seat, once it is so."""

    async def so() -> bool:
        there = await seat(client, name)
        return all(there.get(key) == value for key, value in fields.items())

    await until(so)
    return await seat(client, name)


async def rung(livekit: FakeLiveKit, count: int = 1) -> api.CreateSIPParticipantRequest:
    async def so() -> bool:
        return len(livekit.rung) >= count

    await until(so)
    return livekit.rung[count - 1]


async def waits(gateway: Gateway, call: str, **more: Any) -> None:
    await gateway.happen(started(call), wanted(call, queue="office", **more))


async def answers(gateway: Gateway, call: str, leg: str) -> None:
    await gateway.happen(ev.Answered(call=call, source="bridge", leg=leg))


async def ends(gateway: Gateway, call: str, leg: str, cause: str, by: str = "callee") -> None:
    await gateway.happen(ev.Ended(call=call, source="bridge", leg=leg, cause=cause, by=by))


async def comes_of(gateway: Gateway, call: str, *outcomes: tuple[str, str]) -> None:
    """Waits until the record says so, and fails with what it says instead."""

    async def so() -> bool:
        return await told(gateway, call) == list(outcomes)

    try:
        await until(so)
    except TimeoutError:
        assert await told(gateway, call) == list(outcomes)


async def told(gateway: Gateway, call: str) -> list[tuple[str, str]]:
    """Where it rang, and what came of it."""
    entries = await gateway.container.records.entries(call)
    return [(e.event.to, e.event.answer) for e in entries if isinstance(e.event, ev.Offered)]
