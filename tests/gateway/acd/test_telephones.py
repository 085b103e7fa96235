"""A telephone that is a person's seat: it rings for their queues, and what they do with it counts
as what they would do in the console."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialplans.contracts import events as ev
from dialplans.contracts import jobs
from tests.fakes.livekit_api import FakeLiveKit
from tests.gateway.acd.desks import offered, ready
from tests.gateway.acd.telephones import (
    answers,
    at,
    comes_of,
    ends,
    registered,
    rung,
    seat,
    unregistered,
    waits,
)
from tests.gateway.running import Gateway, running_gateway, settings_for, until
from tests.gateway.sse import listening

CALL = "call-442079460100-aa"


async def test_it_rings_instead_of_the_browser_and_who_answers_has_the_call(
    office: Gateway, livekit_api: FakeLiveKit
) -> None:
    """It shows who calls, is named for its person in the room, hears their side room, and rings as
    long as the queue says. The record names the person; hanging up ends the call and is followed
    by wrap-up."""
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    await registered(office, "room-12")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=True, telephone="room-12")
        await waits(office, CALL)
        offer = await offered(source)
        asked = await rung(livekit_api)
        ringing = await seat(ann, "ann")
        await answers(office, CALL, asked.participant_identity)
        busy = await at(ann, "ann", state="busy")
        again = await ann.post("/api/livekit/token", json={"call": CALL, "purpose": "desk"})
        await ends(office, CALL, asked.participant_identity, "person_hung_up")
        await at(ann, "ann", state="wrap_up", by="")

        async def over() -> bool:
            row = await office.container.records.call(CALL)
            return row is not None and not row.live

        await until(over)
    entries = [e.event for e in await office.container.records.entries(CALL)]
    handed = [e.to for e in entries if isinstance(e, ev.HandedOver)]

    assert offer["by"] == "telephone"
    assert ringing["by"] == "telephone"
    assert (asked.sip_call_to, asked.sip_number) == ("room-12", "+491701234567")
    assert "tel:+491701234567" in asked.headers["P-Asserted-Identity"]
    assert (asked.room_name, asked.participant_name) == (CALL, "ann")
    assert asked.participant_attributes[jobs.SIDE] == jobs.ON
    assert 40 <= asked.ringing_timeout.seconds <= 50
    assert (busy["call"], busy["by"]) == (CALL, "telephone")
    assert "connections" not in again.json() or again.json()["connections"] == []
    assert handed == ["agent ann"]
    await comes_of(office, CALL, ("ann", "ringing"), ("ann", "accepted"))


@pytest.mark.parametrize(
    ("cause", "answer", "state"),
    [("declined", "declined", "ready"), ("busy", "declined", "ready")],
)
async def test_who_declines_is_passed_over_and_stays_ready(
    office: Gateway, livekit_api: FakeLiveKit, cause: str, answer: str, state: str
) -> None:
    """The next is rung, by what they listen with."""
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    bob = await office.signed_in("agent", name="bob", skills=("billing",))
    await registered(office, "room-12")
    await registered(office, "room-13")
    async with listening(ann) as a, listening(bob) as b:
        await a.until("snapshot")
        await b.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=True)
        await waits(office, CALL)
        first = await rung(livekit_api)
        await ready(bob)
        await at(ann, "bob", registered=True)
        await ends(office, CALL, first.participant_identity, cause)
        second = await rung(livekit_api, 2)
        there = await at(ann, "ann", state=state)
        late = first.participant_identity
        await answers(office, CALL, late)

        async def hung_up_on() -> bool:
            return livekit_api.removed.count(late) >= 2

        await until(hung_up_on)

    assert [first.sip_call_to, second.sip_call_to] == ["room-12", "room-13"]
    assert there["call"] is None
    await comes_of(office, CALL, ("ann", "ringing"), ("ann", answer), ("bob", "ringing"))


async def test_who_does_not_answer_is_not_ready_any_more(
    office: Gateway, livekit_api: FakeLiveKit
) -> None:
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    await registered(office, "room-12")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=True)
        await waits(office, CALL)
        asked = await rung(livekit_api)
        await ends(office, CALL, asked.participant_identity, "no_answer")
        there = await at(ann, "ann", state="not_ready")

    assert there["reason"] == "missed a call"
    await comes_of(office, CALL, ("ann", "ringing"), ("ann", "timeout"))


async def test_a_caller_who_gives_up_is_not_rung_for(
    office: Gateway, livekit_api: FakeLiveKit
) -> None:
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    await registered(office, "room-12")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=True)
        await waits(office, CALL)
        asked = await rung(livekit_api)
        await office.happen(ev.Ended(call=CALL, source="agents", cause="caller_hung_up"))
        await at(ann, "ann", state="ready")

    assert asked.participant_identity in livekit_api.removed


@pytest.mark.parametrize("how", ["gone", "broken", "never"])
async def test_a_telephone_that_cannot_be_rung_rings_in_the_browser(
    office: Gateway, livekit_api: FakeLiveKit, how: str
) -> None:
    """It was unplugged while it rang, its leg is out of order, or it has never registered: and the
    seat says so."""
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    livekit_api.away = how == "broken"
    if how != "never":
        await registered(office, "room-12")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=how != "never", telephone="room-12")
        await waits(office, CALL)
        if how == "gone":
            asked = await rung(livekit_api)
            await unregistered(office, "room-12")
            await ends(office, CALL, asked.participant_identity, "no_answer")
        await source.until("offer", lambda offer: offer["by"] == "browser")
        there = await seat(ann, "ann")

    assert (there["state"], there["by"]) == ("ringing", "browser")
    assert there["registered"] is (how == "broken")


async def test_taken_in_the_browser_it_stops_ringing(
    office: Gateway, livekit_api: FakeLiveKit
) -> None:
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    await registered(office, "room-12")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=True)
        await waits(office, CALL)
        offer = await offered(source)
        asked = await rung(livekit_api)
        taken = await ann.post(f"/api/desk/offers/{offer['id']}/accept")
        busy = await seat(ann, "ann")

    assert len(taken.json()["connections"]) == 2
    assert busy["by"] == "browser"
    assert asked.participant_identity in livekit_api.removed


async def test_a_call_taken_out_of_the_line_rings_first(
    office: Gateway, livekit_api: FakeLiveKit
) -> None:
    """Also for who is not ready; the call is theirs when they answer, and not before."""
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    await registered(office, "room-12")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ann.put("/api/desk", json={"state": "not_ready"})
        await at(ann, "ann", registered=True)
        await waits(office, CALL)
        taken = await ann.post(f"/api/desk/calls/{CALL}/take")
        asked = await rung(livekit_api)
        before = await seat(ann, "ann")
        await answers(office, CALL, asked.participant_identity)
        await at(ann, "ann", state="busy", by="telephone")

    assert taken.json()["connections"] == []
    assert before["state"] == "ringing"


async def test_ready_whenever_it_is_registered(office: Gateway, livekit_api: FakeLiveKit) -> None:
    """Without a console, where the plan says so; not signed in at all. Away when it is away."""
    boss = await office.signed_in("supervisor", name="boss")
    await office.add("por", "agent", skills=("billing",))
    await registered(office, "porter")
    await at(boss, "por", state="ready", registered=True)
    await waits(office, CALL)
    asked = await rung(livekit_api)
    await answers(office, CALL, asked.participant_identity)
    busy = await at(boss, "por", state="busy")
    await asyncio.sleep(2.5)  # who is not signed in loses a desk within a second
    still = await seat(boss, "por")
    await ends(office, CALL, asked.participant_identity, "person_hung_up")
    await at(boss, "por", state="wrap_up")

    assert asked.sip_call_to == "porter"
    assert busy["by"] == still["by"] == "telephone"


async def test_nobody_without_an_account_is_ready(office: Gateway) -> None:
    boss = await office.signed_in("supervisor", name="boss")
    await office.add("por", "viewer")
    await registered(office, "porter")
    await waits(office, CALL)
    await asyncio.sleep(1.5)

    assert await seat(boss, "por") == {}


async def test_hold_keeps_caller_and_telephone_apart(
    office: Gateway, livekit_api: FakeLiveKit
) -> None:
    """No job answers here: then the caller is not on hold, and is not kept from the telephone."""
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    await registered(office, "room-12")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=True)
        await waits(office, CALL)
        asked = await rung(livekit_api)
        await answers(office, CALL, asked.participant_identity)
        await at(ann, "ann", state="busy")
        leg = asked.participant_identity
        await office.container.desk.hold(CALL, on=True)
        held = livekit_api.attributes[leg][jobs.ON_HOLD]
        await office.container.desk.hold(CALL, on=False)

    assert (held, livekit_api.attributes[leg][jobs.ON_HOLD]) == (jobs.ON, jobs.OFF)


async def test_two_gateways_ring_once(
    tmp_path: Path, redis_url: str, office: Gateway, livekit_api: FakeLiveKit
) -> None:
    """Whichever of them rings, and whichever hears of the answer."""
    settings = settings_for(
        tmp_path,
        redis_url,
        livekit_url=livekit_api.url,
        database=office.container.settings.database,
    )
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    await registered(office, "room-12")
    async with running_gateway(settings), listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=True)
        for n in range(3):
            call = f"{CALL}{n}"
            await waits(office, call)
            asked = await rung(livekit_api, n + 1)
            await asyncio.sleep(1.2)  # two rounds of both
            await answers(office, call, asked.participant_identity)
            await at(ann, "ann", state="busy", call=call)
            await ends(office, call, asked.participant_identity, "person_hung_up")
            await at(ann, "ann", state="wrap_up")
            await ready(ann)

    assert len(livekit_api.rung) == 3
