"""A desk follows its person: with the account or a skill go its offers and its call."""

from __future__ import annotations

import asyncio

from dialplans.contracts import control
from dialplans.contracts import events as ev
from tests.gateway import rooms
from tests.gateway.acd.desks import IMPATIENT, offered, ready, wanted
from tests.gateway.running import Gateway, started, until
from tests.gateway.sse import listening
from tests.stack.servers import LiveKit

CALL = "call-442079460100-aa"


async def test_a_desk_of_somebody_who_is_gone_rings_no_more(gateway: Gateway) -> None:
    """The offer goes on to the next, jobs do not count on the desk, and it is not given back by
    being enabled again."""
    admin = await gateway.signed_in("admin", name="root")
    ann = await gateway.signed_in("agent", name="ann", skills=("billing",))
    bob = await gateway.signed_in("agent", name="bob", skills=("billing",))
    async with listening(ann) as a, listening(bob) as b:
        await a.until("snapshot")
        await b.until("snapshot")
        await ready(ann)
        await gateway.happen(started(CALL), wanted(CALL))
        await offered(a)
        await ready(bob)
        await admin.patch("/api/users/ann", json={"disabled": True})
        offer = await offered(b)

        async def offline() -> bool:
            seats = (await bob.get("/api/desk")).json()["seats"]
            return "offline" in [s["state"] for s in seats if s["name"] == "ann"]

        await until(offline)
    entries = await gateway.container.records.entries(CALL)
    answers = [(e.event.to, e.event.answer) for e in entries if isinstance(e.event, ev.Offered)]

    assert offer["to"] == "bob"
    assert ("ann", "withdrawn") in answers


async def test_a_desk_follows_the_skills_of_its_person(gateway: Gateway) -> None:
    """Without a new sign-in: what they can take now is what rings."""
    admin = await gateway.signed_in("admin", name="root")
    ann = await gateway.signed_in("agent", name="ann")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await admin.patch("/api/users/ann", json={"skills": ["billing"]})
        await source.until("desk", lambda d: d["skills"] == ["billing"])
        await gateway.happen(started(CALL), wanted(CALL))
        offer = await offered(source)

    assert offer["call"] == CALL


async def test_a_call_is_not_left_with_somebody_who_is_gone(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """The desk's voice is out at once, the persona goes on, and the desk is closed."""
    gateway = room_gateway
    admin = await gateway.signed_in("admin", name="root")
    ann = await gateway.signed_in("agent", name="ann", skills=("billing",))
    await gateway.happen(
        started(CALL), ev.Persona(call=CALL, source="agents", name="billing"), wanted(CALL)
    )
    async with rooms.call_with_job(room_livekit, CALL) as job:
        taken = (await ann.post(f"/api/desk/calls/{CALL}/take")).json()
        tab = await rooms.open_(taken["connections"])
        await admin.patch("/api/users/ann", json={"disabled": True})
        for connection in taken["connections"]:
            await rooms.absent(room_livekit, connection["room"], connection["identity"])

        async def given_back() -> bool:
            return job.ops == ["takeover", "giveback"]

        await until(given_back)
        await tab.aclose()
        seats = (await admin.get("/api/desk")).json()["seats"]

    assert [(s["name"], s["state"], s["call"]) for s in seats] == [("ann", "offline", None)]


async def test_a_call_of_somebody_who_is_gone_is_given_back_until_it_is_taken(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """A persona that does not answer at that moment must not leave the caller with nobody."""
    gateway = room_gateway
    gateway.container.desk_watch.patience = IMPATIENT
    admin = await gateway.signed_in("admin", name="root")
    ann = await gateway.signed_in("agent", name="ann", skills=("billing",))
    await gateway.happen(started(CALL), wanted(CALL))
    async with rooms.call_with_job(room_livekit, CALL) as job:
        await ann.post(f"/api/desk/calls/{CALL}/take")
        job.reply = control.Reply(ok=False, detail="not now")
        await admin.patch("/api/users/ann", json={"disabled": True})

        async def asked_again() -> bool:
            return job.ops.count("giveback") >= 2

        await until(asked_again)
        job.reply = control.Reply(ok=True)

        async def free() -> bool:
            return [s["call"] for s in (await admin.get("/api/desk")).json()["seats"]] == [None]

        await until(free)
        asked = len(job.ops)
        await asyncio.sleep(3 * IMPATIENT.look_every)

    assert len(job.ops) == asked
