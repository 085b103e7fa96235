"""Whose call it is to take, and who gets a place in a room at all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dialplans.contracts import events as ev
from gateway.acd.claims import is_theirs
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.roles import ROLES
from tests.gateway import rooms
from tests.gateway.acd.desks import offered, ready, wanted
from tests.gateway.running import Gateway, started, until
from tests.gateway.sse import listening
from tests.stack.servers import LiveKit

CALL = "call-442079460100-aa"


def take() -> str:
    return f"/api/desk/calls/{CALL}/take"


def with_persona() -> tuple[ev.Event, ...]:
    return started(CALL), ev.Persona(call=CALL, source="agents", name="billing")


async def refusals(gateway: Gateway, who: str) -> list[dict[str, Any]]:
    admin = await gateway.signed_in("admin", name="root")
    asked = {"who": who, "action": "desk.refused"}
    found: list[dict[str, Any]] = (await admin.get("/api/audit", params=asked)).json()["items"]
    return found


@pytest.mark.parametrize(
    ("events", "skills"),
    [
        ((), ("billing",)),
        ((wanted(CALL),), ("sales",)),
        ((wanted(CALL, skills=["billing", "vip"]),), ("billing",)),
        ((wanted(CALL, language="de"),), ("billing", "speaks:en")),
    ],
    ids=["with a persona", "another queue", "half the skills", "another language"],
)
async def test_a_call_that_is_not_theirs_is_not_for_an_agent_to_take(
    gateway: Gateway, events: tuple[ev.Event, ...], skills: tuple[str, ...]
) -> None:
    """Neither offered nor waiting in a queue of theirs: 403, on the trail, and no seat changes."""
    bob = await gateway.signed_in("agent", name="bob", skills=skills)
    await gateway.happen(*with_persona(), *events)

    answer = await bob.post(take())
    rows = await refusals(gateway, "bob")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert [row["call"] for row in rows] == [CALL]
    assert (await bob.get("/api/desk")).json()["me"] is None


async def test_a_call_at_another_desk_is_not_for_an_agent_to_take(gateway: Gateway) -> None:
    """By the record alone, when the book of the desks was lost."""
    bob = await gateway.signed_in("agent", name="bob")
    at_ann = ev.HandedOver(call=CALL, source="agents", frm="persona billing", to="agent ann")
    await gateway.happen(*with_persona(), at_ann)

    answer = await bob.post(take())

    assert answer.status_code == 409
    assert "ann" in answer.json()["detail"]


async def test_an_agent_picks_up_who_waits_in_a_queue_of_theirs(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """Without being ready, without an offer; a second call has to wait until the first is over."""
    gateway, other = room_gateway, "call-442079460100-bb"
    bob = await gateway.signed_in("agent", name="bob", skills=("billing", "vip"))
    await gateway.happen(*with_persona(), wanted(CALL), started(other), wanted(other))
    async with rooms.call_with_job(room_livekit, CALL):
        first = await bob.post(take())
        again = await bob.post(take())
        second = await bob.post(f"/api/desk/calls/{other}/take")

    assert first.status_code == 200, first.text
    assert again.status_code == 200, again.text
    assert second.status_code == 409
    assert "You have a call" in second.json()["detail"]


async def test_a_call_that_a_supervisor_has_taken_over_stays_theirs(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """Neither picked up out of the line, nor by an offer that rings still, nor by a second
    supervisor; whoever is refused an offer is free again."""
    gateway = room_gateway
    sue = await gateway.signed_in("supervisor", name="sue")
    tom = await gateway.signed_in("supervisor", name="tom")
    bob = await gateway.signed_in("agent", name="bob", skills=("billing",))
    await gateway.happen(*with_persona(), wanted(CALL))
    async with rooms.call_with_job(room_livekit, CALL) as job, listening(bob) as source:
        await source.until("snapshot")
        await ready(bob)
        offer = await offered(source)
        over = await sue.post(f"/api/calls/{CALL}/mode", json={"mode": "takeover"})
        accepted = await bob.post(f"/api/desk/offers/{offer['id']}/accept")
        taken = await bob.post(take())
        second = await tom.post(f"/api/calls/{CALL}/mode", json={"mode": "takeover"})

        async def free() -> bool:
            return bool((await bob.get("/api/desk")).json()["me"]["state"] == "ready")

        await until(free)

    assert over.status_code == 200, over.text
    assert [a.status_code for a in (accepted, taken, second)] == [409, 409, 409]
    assert "sue" in taken.json()["detail"]
    assert job.ops == ["takeover"]


async def test_a_take_and_a_takeover_at_once_do_not_both_succeed_in_silence(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """Whoever comes second is refused, or knows of the first: the persona is told once."""
    gateway = room_gateway
    sue = await gateway.signed_in("supervisor", name="sue")
    bob = await gateway.signed_in("agent", name="bob", skills=("billing",))
    await gateway.happen(*with_persona(), wanted(CALL))
    async with rooms.call_with_job(room_livekit, CALL) as job:
        over, taken = await asyncio.gather(
            sue.post(f"/api/calls/{CALL}/mode", json={"mode": "takeover"}), bob.post(take())
        )

    assert 200 in (over.status_code, taken.status_code)
    assert {over.status_code, taken.status_code} <= {200, 409}
    assert job.ops == ["takeover"]


async def test_another_desks_offer_is_not_mine_to_accept(gateway: Gateway) -> None:
    """Its number, read over somebody's shoulder, opens nothing."""
    ann = await gateway.signed_in("agent", name="ann", skills=("billing",))
    bob = await gateway.signed_in("agent", name="bob", skills=("billing",))
    async with listening(ann) as source:
        await source.until("snapshot")
        await ready(ann)
        await gateway.happen(*with_persona(), wanted(CALL))
        offer = await offered(source)
        stolen = await bob.post(f"/api/desk/offers/{offer['id']}/accept")
        declined = await bob.post(f"/api/desk/offers/{offer['id']}/decline", json={})
        still = (await ann.get("/api/desk")).json()["offers"]

    assert (stolen.status_code, declined.status_code) == (409, 404)
    assert [o["id"] for o in still] == [offer["id"]]


@pytest.mark.parametrize("role", ["supervisor", "admin"])
async def test_every_queue_is_a_supervisors_own(gateway: Gateway, role: str) -> None:
    """Who may take any call over may pick any caller out of the line; one that does not wait is
    taken over, in the open, and not picked up."""
    me = Principal(name="sue", display="Sue", roles=(role,))
    await gateway.happen(*with_persona())
    with_the_persona = await gateway.container.records.call(CALL)
    await gateway.happen(wanted(CALL))
    waiting = await gateway.container.records.call(CALL)
    assert with_the_persona is not None
    assert waiting is not None

    assert not is_theirs(with_the_persona, me, None)
    assert is_theirs(waiting, me, None)
    assert not is_theirs(waiting, Principal(name="x", display="x", roles=("agent",)), None)


WAYS_IN: dict[tuple[str, str], set[str]] = {
    ("POST", "/api/tokens call"): set(),
    ("POST", f"/api/calls/{CALL}/mode listen"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/mode barge"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/mode takeover"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/mode whisper"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/giveback"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/coach"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/say"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/coach/speech"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/hold"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/transfer"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/help"): {"supervisor", "admin"},
    ("POST", f"/api/calls/{CALL}/note"): {"supervisor", "admin"},
    ("POST", f"/api/desk/calls/{CALL}/take"): set(),
    ("POST", f"/api/desk/calls/{CALL}/giveback"): set(),
    ("POST", f"/api/desk/calls/{CALL}/leave"): set(),
    ("GET", f"/api/calls/{CALL}/recordings/x"): {"supervisor", "admin"},
    ("GET", f"/api/calls/{CALL}/messages/x"): {"agent", "supervisor", "admin"},
    ("GET", "/api/calls.csv"): {"supervisor", "admin"},
    ("GET", "/api/audit"): {"admin"},
    ("GET", f"/api/calls/{CALL}"): set(ROLES),
    ("GET", f"/api/calls/{CALL}/ladder"): set(ROLES),
    ("GET", "/api/calls"): set(ROLES),
    ("POST", f"/api/calls/{CALL}/hangup"): {"supervisor", "admin"},
}
"""Ways to the sound, the words or a place in somebody else's call, which a persona has → who is
not refused for what they are. A call of one's own is another matter."""

BODIES: dict[str, dict[str, Any]] = {
    "coach": {"text": "x"},
    "say": {"text": "x"},
    "hold": {"on": True},
    "help": {"on": True},
    "transfer": {"to": "persona billing"},
    "note": {"note": "x"},
}


async def test_nobody_gets_into_somebody_elses_call_by_another_way(gateway: Gateway) -> None:
    """One row a way in, each tried with each role on a call that a persona has: 403 for those
    who are not named, and 401 for strangers."""
    await gateway.happen(*with_persona())
    clients = {role: await gateway.signed_in(role) for role in ROLES}
    stranger = gateway.client()
    wrong = []
    for (method, way), who in WAYS_IN.items():
        path, _, word = way.partition(" ")
        body = BODIES.get(path.rpartition("/")[2], {})
        if word:
            body = {"mode": word} if path.endswith("mode") else {"purpose": word, "call": CALL}
        sent: dict[str, Any] = {"json": body} if method == "POST" else {}
        outside = await stranger.request(method, path, **sent)
        if outside.status_code != 401:
            wrong.append(f"{way} stranger: {outside.status_code}")
        for role, client in clients.items():
            found = await client.request(method, path, **sent)
            if (found.status_code == 403) == (role in who):
                wrong.append(f"{way} {role}: {found.status_code} {found.text[:90]}")

    assert wrong == []


async def test_a_way_back_into_a_call_needs_the_right_that_the_way_in_needed(
    gateway: Gateway,
) -> None:
    """A mode that was chosen with a role that is gone is no reason for a new token."""
    await gateway.happen(*with_persona())
    sue = await gateway.signed_in("supervisor", name="sue")
    await sue.post(f"/api/calls/{CALL}/mode", json={"mode": "listen"})
    me = Principal(name="sue", display="Sue", roles=("viewer",))

    with pytest.raises(Problem) as refused:
        await gateway.container.token_issuer.again(CALL, me, [])

    assert refused.value.code == "not_allowed"
