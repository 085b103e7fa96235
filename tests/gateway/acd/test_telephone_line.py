"""Where a person hears calls: the switch between browser and telephone, and the plan behind it."""

from __future__ import annotations

from tests.fakes.livekit_api import FakeLiveKit
from tests.gateway.acd.desks import offered, ready
from tests.gateway.acd.telephones import (
    PLAN,
    answers,
    at,
    ends,
    planned,
    registered,
    rung,
    seat,
    waits,
)
from tests.gateway.running import Gateway, until
from tests.gateway.sse import listening

CALL = "call-442079460100-aa"


async def test_the_switch_moves_a_call_both_ways(office: Gateway, livekit_api: FakeLiveKit) -> None:
    """To the telephone when it is answered, and then the browser is shown out; to the browser at
    once, and the telephone goes when the browser is there. What is chosen holds for the next."""
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    await registered(office, "room-12")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=True)
        await ann.put("/api/desk/line", json={"line": "browser"})
        await waits(office, CALL)
        offer = await offered(source)
        await ann.post(f"/api/desk/offers/{offer['id']}/accept")
        browser = await office.container.desk.seat_store.identities(CALL)
        moving = (await ann.put("/api/desk/line", json={"line": "telephone"})).json()
        asked = await rung(livekit_api)
        await answers(office, CALL, asked.participant_identity)
        await at(ann, "ann", state="busy", by="telephone", listens="telephone")
        back = (await ann.put("/api/desk/line", json={"line": "browser"})).json()
        talk = next(c for c in back["connections"] if c["purpose"] == "talk")
        kept = asked.participant_identity not in livekit_api.removed
        livekit_api.people[CALL] = [talk["identity"], asked.participant_identity]

        async def hung_up() -> bool:
            return asked.participant_identity in livekit_api.removed

        await until(hung_up)
        there = await seat(ann, "ann")

    assert moving["seat"]["by"] == "browser"
    assert moving["connections"] == []
    assert set(browser.values()) <= set(livekit_api.removed)
    assert kept
    assert (there["by"], there["listens"], there["state"]) == ("browser", "browser", "busy")


async def test_who_does_not_pick_up_goes_on_in_the_browser(
    office: Gateway, livekit_api: FakeLiveKit
) -> None:
    ann = await office.signed_in("agent", name="ann", skills=("billing",))
    await registered(office, "room-12")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=True)
        await ann.put("/api/desk/line", json={"line": "browser"})
        await waits(office, CALL)
        offer = await offered(source)
        await ann.post(f"/api/desk/offers/{offer['id']}/accept")
        await ann.put("/api/desk/line", json={"line": "telephone"})
        asked = await rung(livekit_api)
        await ends(office, CALL, asked.participant_identity, "no_answer")
        there = await at(ann, "ann", listens="browser")

    assert (there["state"], there["call"], there["by"]) == ("busy", CALL, "browser")


async def test_the_switch_says_why_it_cannot(office: Gateway) -> None:
    ann = await office.signed_in("agent", name="ann")
    cat = await office.signed_in("agent", name="cat")
    async with listening(ann) as a, listening(cat) as c:
        await a.until("snapshot")
        await c.until("snapshot")
        await ready(ann)
        await ready(cat)
        await at(ann, "ann", telephone="room-12")
        away = await ann.put("/api/desk/line", json={"line": "telephone"})
        none = await cat.put("/api/desk/line", json={"line": "telephone"})

    assert away.status_code == none.status_code == 409
    assert "room-12, is not registered" in away.json()["detail"]
    assert "no telephone" in none.json()["detail"]


async def test_another_plan_takes_the_seat_away(office: Gateway) -> None:
    ann = await office.signed_in("agent", name="ann")
    await registered(office, "room-12")
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await at(ann, "ann", registered=True, telephone="room-12")
        await planned(office, PLAN.replace(", person: ann", ""))
        there = await at(ann, "ann", telephone="", registered=False)

    assert there["state"] == "ready"
