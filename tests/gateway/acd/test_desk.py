"""Human agents take a call, have it alone, and give it back or lose it, in real rooms."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from dialplans.contracts import control, jobs
from dialplans.contracts import events as ev
from tests.gateway import rooms
from tests.gateway.acd.desks import IMPATIENT, offered, ready, wanted
from tests.gateway.running import Gateway, started, until
from tests.gateway.sse import listening
from tests.stack.servers import LiveKit

CALL = "call-442079460100-aa"


async def test_an_agent_takes_a_call_and_hands_it_back(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """The job falls silent, the agent has a voice and a side room to hear whispers, and giving
    back wakes the job and begins the wrap-up; jobs see who could answer."""
    gateway, livekit = room_gateway, room_livekit
    ann = await gateway.signed_in("agent", name="ann", skills=("billing",))
    await gateway.happen(started(CALL), ev.Persona(call=CALL, source="agents", name="billing"))
    async with rooms.call_with_job(livekit, CALL) as job, listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await gateway.happen(wanted(CALL))
        offer = await offered(source)
        taken = (await ann.post(f"/api/desk/offers/{offer['id']}/accept")).json()
        presence = await gateway.container.redis.hget(jobs.PRESENCE, "ann")
        tab = await rooms.open_(taken["connections"])
        mine = {c["purpose"]: c["identity"] for c in taken["connections"]}
        inside = await rooms.identities(livekit, CALL)
        have = list(mine.values())
        wish = {"purpose": "call", "call": CALL, "have": have[:1]}
        again = (await ann.post("/api/tokens", json=wish)).json()
        back = await ann.post(f"/api/desk/calls/{CALL}/giveback", json={"note": "solved"})
        await rooms.absent(livekit, CALL, mine["talk"])
        await tab.aclose()
        seat = (await ann.get("/api/desk")).json()["me"]

    assert job.ops == ["takeover", "giveback"]
    assert (job.commands[0].who, job.commands[1].text) == ("agent ann", "solved")
    assert {c["purpose"]: c["microphone"] for c in taken["connections"]} == {
        "talk": True,
        "side": False,
    }
    assert mine["talk"] in inside
    assert msgspec.json.decode(presence, type=jobs.Presence).state == "busy"
    assert [c["purpose"] for c in again["connections"]] == ["side"]
    assert back.status_code == 202
    assert seat["state"] == "wrap_up"


async def test_a_desk_that_is_lost_gives_the_caller_back_to_the_persona(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """A closed tab must not leave a caller alone; whoever comes back in time keeps the call."""
    gateway, livekit = room_gateway, room_livekit
    gateway.container.desk_watch.patience = IMPATIENT
    ann = await gateway.signed_in("agent", name="ann")
    await gateway.happen(
        started(CALL),
        ev.Persona(call=CALL, source="agents", name="billing"),
        wanted(CALL, skills=[]),
    )
    async with rooms.call_with_job(livekit, CALL) as job:
        taken = (await ann.post(f"/api/desk/calls/{CALL}/take")).json()
        tab = await rooms.open_(taken["connections"])
        await tab.aclose()

        async def given_back() -> bool:
            return job.ops == ["takeover", "giveback"]

        await until(given_back)


async def _lost_desk(gateway: Gateway, livekit: LiveKit) -> None:
    """Ann takes the call, is in its room, and is gone."""
    ann = await gateway.signed_in("agent", name="ann")
    await gateway.happen(started(CALL), wanted(CALL, skills=[]))
    taken = (await ann.post(f"/api/desk/calls/{CALL}/take")).json()
    tab = await rooms.open_(taken["connections"])
    await tab.aclose()


async def test_a_lost_desk_is_noticed_without_being_told(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """A webhook may be lost, or told to a gateway that dies before the time is up."""
    watch = room_gateway.container.desk_watch
    watch.patience = replace(IMPATIENT, coming=1.0)
    watch.left = lambda identity: None  # type: ignore[method-assign]
    async with rooms.call_with_job(room_livekit, CALL) as job:
        await _lost_desk(room_gateway, room_livekit)

        async def given_back() -> bool:
            return job.ops == ["takeover", "giveback"]

        await until(given_back)


@pytest.mark.parametrize("why", ["refuses", "raises"])
async def test_a_job_that_does_not_take_a_caller_back_is_asked_again(
    room_gateway: Gateway, room_livekit: LiveKit, why: str
) -> None:
    """Asked once, and failing once, would leave the caller with nobody. It is on record once."""
    room_gateway.container.desk_watch.patience = IMPATIENT
    async with rooms.call_with_job(room_livekit, CALL) as job:
        await _lost_desk(room_gateway, room_livekit)
        job.reply = control.Reply(ok=False, detail="not now") if why == "refuses" else None  # type: ignore[assignment]

        async def asked_thrice() -> bool:
            return job.ops.count("giveback") >= 3

        await until(asked_thrice)
        job.reply = control.Reply(ok=True)

        async def at_no_desk() -> bool:
            seats = await room_gateway.container.desk.seat_store.seats()
            return seats["ann"].state == "wrap_up"

        await until(at_no_desk)
        entries = await room_gateway.container.records.entries(CALL)

    told = [e.event for e in entries if isinstance(e.event, ev.Problem)]
    assert [problem.what for problem in told].count("desk_lost") == 1


async def test_a_call_that_was_just_taken_rings_nowhere_else(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """By the record it waits still: who took it has not been written down yet."""
    gateway = room_gateway
    ann = await gateway.signed_in("agent", name="ann")
    bob = await gateway.signed_in("agent", name="bob")
    await gateway.happen(started(CALL), wanted(CALL, skills=[]))
    async with rooms.call_with_job(room_livekit, CALL), listening(bob) as source:
        await source.until("snapshot")
        assert (await ann.post(f"/api/desk/calls/{CALL}/take")).status_code == 200
        await ready(bob)
        for _ in range(3):
            async with gateway.container.desk.seat_store.turn():
                await gateway.container.dispatcher.once(datetime.now(UTC))
        seats = {s["name"]: s["state"] for s in (await bob.get("/api/desk")).json()["seats"]}

    assert seats == {"ann": "busy", "bob": "ready"}


async def test_a_desk_that_only_rings_has_nothing_to_give_back(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """The call is with the persona, or with the colleague who sends it on; nobody has a voice at
    the desk that rings, and nobody misses one."""
    gateway = room_gateway
    bob = await gateway.signed_in("agent", name="bob")
    await gateway.happen(started(CALL), wanted(CALL, skills=[]))
    async with rooms.call_with_job(room_livekit, CALL) as job, listening(bob) as source:
        await source.until("snapshot")
        await ready(bob)
        await offered(source)
        for later_s in (0.0, 60.0):
            await gateway.container.desk_watch.look(time.monotonic() + later_s)
        seat = (await bob.get("/api/desk")).json()["me"]

    assert job.ops == []
    assert (seat["state"], seat["call"]) == ("ringing", CALL)


async def test_two_who_are_equally_fast_do_not_both_get_the_call(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """One has it, the other is told who; the persona is silenced once, and there is one voice."""
    gateway = room_gateway
    ann = await gateway.signed_in("agent", name="ann")
    bob = await gateway.signed_in("agent", name="bob")
    await gateway.happen(started(CALL), wanted(CALL, skills=[]))
    async with rooms.call_with_job(room_livekit, CALL) as job:
        answers = await asyncio.gather(
            *(who.post(f"/api/desk/calls/{CALL}/take") for who in (ann, bob))
        )
        seats = (await ann.get("/api/desk")).json()["seats"]
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    (busy,) = [seat["name"] for seat in seats if seat["state"] == "busy"]

    assert (won.status_code, lost.status_code) == (200, 409)
    assert busy in lost.json()["detail"]
    assert job.ops == ["takeover"]


async def test_a_call_is_sent_on_to_a_colleague(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """It rings at that desk and stays at the first until somebody answers there."""
    gateway, livekit = room_gateway, room_livekit
    ann = await gateway.signed_in("agent", name="ann")
    bob = await gateway.signed_in("agent", name="bob")
    await gateway.happen(started(CALL), wanted(CALL, skills=[]))
    async with rooms.call_with_job(livekit, CALL), listening(bob) as source:
        await source.until("snapshot")
        taken = (await ann.post(f"/api/desk/calls/{CALL}/take")).json()
        await ready(bob)
        talk = taken["connections"][0]["identity"]
        await gateway.happen(
            ev.HandedOver(call=CALL, source="agents", frm="persona x", to="agent ann")
        )
        sent = await ann.post(f"/api/calls/{CALL}/transfer", json={"to": "agent bob"})
        offer = await offered(source)
        answered = await bob.post(f"/api/desk/offers/{offer['id']}/accept")
        await rooms.absent(livekit, CALL, talk)
        seats = {s["name"]: s for s in (await bob.get("/api/desk")).json()["seats"]}

    assert sent.status_code == 202, sent.text
    assert offer["frm"] == "ann"
    assert answered.status_code == 200
    assert (seats["ann"]["state"], seats["bob"]["state"]) == ("wrap_up", "busy")


async def test_nobody_acts_on_a_call_at_another_desk(gateway: Gateway) -> None:
    """An agent may hold, transfer and end only their own call."""
    ann = await gateway.signed_in("agent", name="ann")
    await gateway.happen(
        started(CALL), ev.HandedOver(call=CALL, source="x", frm="persona x", to="agent bob")
    )

    for what, body in (("hold", {"on": True}), ("hangup", {}), ("note", {"note": "x"})):
        answer = await ann.post(f"/api/calls/{CALL}/{what}", json=body)
        assert answer.status_code == 403, what
