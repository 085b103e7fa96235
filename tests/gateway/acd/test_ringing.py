"""A call that wants a person rings at the right desk, and stops when it should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from dialplans.contracts import events as ev
from dialplans.contracts import jobs
from gateway.acd.seat_store import OFFERS
from gateway.live.seat import Offer
from tests.gateway.acd.desks import offered, ready, wanted
from tests.gateway.running import Gateway, started, until
from tests.gateway.sse import listening

CALL = "call-442079460100-aa"


async def test_a_call_rings_at_the_desk_that_is_idle_longest_and_can_take_it(
    gateway: Gateway,
) -> None:
    """Skill first, then idle time; whoever is not ready does not ring. Jobs learn where it rings,
    and for which call, so that they can say so to the caller."""
    ann = await gateway.signed_in("agent", name="ann", skills=("billing",))
    bob = await gateway.signed_in("agent", name="bob", skills=("billing",))
    cat = await gateway.signed_in("agent", name="cat", skills=("sales",))
    async with listening(ann) as a, listening(bob) as b, listening(cat) as c:
        for source in (a, b, c):
            await source.until("snapshot")
        await ready(cat)
        await ready(bob)
        await ready(ann)
        await gateway.happen(started(CALL), wanted(CALL))
        offer = await offered(b)
        found = await gateway.container.redis.hgetall(jobs.PRESENCE)
    there = [msgspec.json.decode(raw, type=jobs.Presence) for raw in found.values()]

    assert offer["summary"] == "Disputes the June invoice."
    assert [(one.who, one.call) for one in there if one.state == "ringing"] == [("bob", CALL)]
    assert not [f for f in (*a.seen, *c.seen) if f.event == "offer"]


async def test_a_declined_call_rings_at_the_next_desk(gateway: Gateway) -> None:
    """The one who declined stays ready and is not asked again for this call."""
    ann = await gateway.signed_in("agent", name="ann", skills=("billing",))
    bob = await gateway.signed_in("agent", name="bob", skills=("billing",))
    async with listening(ann) as a, listening(bob) as b:
        await a.until("snapshot")
        await b.until("snapshot")
        await ready(ann)
        await gateway.happen(started(CALL), wanted(CALL))
        first = await offered(a)
        await ready(bob)
        await ann.post(f"/api/desk/offers/{first['id']}/decline", json={"reason": "lunch"})
        gone = await a.until("offer_gone")
        await offered(b)
    seats = (await ann.get("/api/desk")).json()["seats"]

    assert gone.data["why"] == "declined"
    assert {s["name"]: s["state"] for s in seats}["ann"] == "ready"


async def test_a_desk_that_was_away_for_a_moment_rings_when_it_is_back(gateway: Gateway) -> None:
    """An offer made while a browser reconnects comes with its next stream; one that was withdrawn
    meanwhile does not ring on."""
    ann = await gateway.signed_in("agent", name="ann", skills=("billing",))
    async with listening(ann) as before:
        await before.until("snapshot")
        await ready(ann)
        last = before.last_id
    await gateway.happen(started(CALL), wanted(CALL))

    async def rings() -> bool:
        return bool((await ann.get("/api/desk")).json()["offers"])

    await until(rings)
    async with listening(ann, last=last) as back:
        ringing = (await back.until("offers")).data["offers"]
        last = back.last_id
    async with listening(ann) as fresh:
        snapshot = (await fresh.until("snapshot")).data["offers"]
    await gateway.happen(ev.Ended(call=CALL, source="agents", cause="caller_hung_up"))

    async def quiet() -> bool:
        return not await rings()

    await until(quiet)
    async with listening(ann, last=last) as again:
        after = (await again.until("offers")).data["offers"]

    assert [offer["call"] for offer in ringing] == [CALL]
    assert snapshot == ringing
    assert after == []


async def test_a_ring_that_the_wire_lost_is_told_again(gateway: Gateway) -> None:
    """The book in Redis is the truth: an offer of which nobody told rings all the same, and one
    that is no longer in it stops, though nobody said so."""
    ann = await gateway.signed_in("agent", name="ann")
    await gateway.happen(started(CALL), wanted(CALL, skills=["nobody"]))
    now = datetime.now(UTC)
    lost = Offer(id="o1", call=CALL, to="ann", at=now, expires_at=now + timedelta(minutes=5))
    redis = gateway.container.redis
    async with listening(ann) as source:
        await source.until("snapshot")
        await redis.hset(OFFERS, lost.id, msgspec.json.encode(lost))
        told = await offered(source)
        await redis.hdel(OFFERS, lost.id)
        gone = await source.until("offer_gone")

    assert told["id"] == gone.data["id"] == "o1"


async def test_a_call_rings_where_its_language_is_spoken(gateway: Gateway) -> None:
    """A skill `speaks:de` is a language; jobs learn it, and who names none speaks them all."""
    ann = await gateway.signed_in("agent", name="ann", skills=("billing", "speaks:en"))
    bob = await gateway.signed_in("agent", name="bob", skills=("billing", "speaks:de"))
    async with listening(ann) as a, listening(bob) as b:
        await a.until("snapshot")
        await b.until("snapshot")
        await ready(ann)
        await ready(bob)
        await gateway.happen(started(CALL), wanted(CALL, language="de-DE"))
        await offered(b)
        raw = await gateway.container.redis.hget(jobs.PRESENCE, "ann")
    presence = msgspec.json.decode(raw or b"", type=jobs.Presence)

    assert not [f for f in a.seen if f.event == "offer"]
    assert presence.languages == ["en"]


async def test_a_call_that_is_over_stops_ringing(gateway: Gateway) -> None:
    """Nobody picks up a caller who has gone."""
    ann = await gateway.signed_in("agent", name="ann", skills=("billing",))
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await gateway.happen(started(CALL), wanted(CALL))
        offer = await offered(source)
        await gateway.happen(ev.Ended(call=CALL, source="agents", cause="caller_hung_up"))
        gone = await source.until("offer_gone")
        late = await ann.post(f"/api/desk/offers/{offer['id']}/accept")

    assert gone.data["why"] == "over"
    assert late.status_code == 409
