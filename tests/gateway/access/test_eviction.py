"""Whoever may not take part any more is shown out of the room, and stays out."""

from __future__ import annotations

import pytest

from dialplans.contracts import events as ev
from gateway.access.eviction import holds
from gateway.access.guest_list import Guest, Tenure
from gateway.identity.principal import Principal
from tests.gateway import rooms
from tests.gateway.running import Gateway, started, until
from tests.stack.servers import LiveKit

CALL = "call-442079460100-aa"


@pytest.mark.parametrize("mode", ["listen", "whisper", "takeover"])
async def test_who_takes_part_is_shown_out_and_stays_out(
    room_gateway: Gateway, room_livekit: LiveKit, mode: str
) -> None:
    """Hidden or heard, in the call's room or beside it: the place is gone within moments, the
    call is given back, the record says so, and the token that is still good opens nothing."""
    gateway = room_gateway
    admin = await gateway.signed_in("admin", name="root")
    sue = await gateway.signed_in("supervisor", name="sue")
    events: list[ev.Event] = [started(CALL), ev.Persona(call=CALL, source="agents", name="billing")]
    if mode == "whisper":
        events.append(ev.HandedOver(call=CALL, source="agents", frm="x", to="agent ann"))
    await gateway.happen(*events)
    async with rooms.call_with_job(room_livekit, CALL) as job:
        view = (await sue.post(f"/api/calls/{CALL}/mode", json={"mode": mode})).json()
        tab = await rooms.open_(view["open"])
        await admin.patch("/api/users/sue", json={"roles": ["viewer"]})
        for connection in view["open"]:
            await rooms.absent(room_livekit, connection["room"], connection["identity"])
        await tab.aclose()
        again = await rooms.open_(view["open"])
        for connection in view["open"]:
            await rooms.absent(room_livekit, connection["room"], connection["identity"])
        await again.aclose()

        async def idle() -> bool:
            return not await gateway.container.supervision.participations.of_call(CALL)

        await until(idle)
        rows = (await admin.get("/api/audit", params={"action": mode})).json()["items"]

    assert job.ops == (["takeover", "giveback"] if mode == "takeover" else [])
    assert rows[0]["ended_at"] is not None


async def test_a_token_that_was_not_used_before_the_end_opens_nothing_after_it(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """Kept in a page's memory until after the sign-out, though nobody ever came in with it."""
    gateway = room_gateway
    sue = await gateway.signed_in("supervisor", name="sue")
    await gateway.happen(started(CALL), ev.Persona(call=CALL, source="agents", name="billing"))
    async with rooms.call_with_job(room_livekit, CALL):
        view = (await sue.post(f"/api/calls/{CALL}/mode", json={"mode": "listen"})).json()
        await sue.delete("/api/session")
        late = await rooms.open_(view["open"])
        await rooms.absent(room_livekit, CALL, view["open"][0]["identity"])
        await late.aclose()

    assert await gateway.container.webhooks._guests.tenures() == []


def test_a_place_needs_its_right_and_not_only_a_session() -> None:
    """A role that was taken away by hand, with the session left standing."""
    guest = Guest(who="sue", purpose="listen", call=CALL, credential="c", needs="calls.listen")
    tenure = Tenure(room=CALL, identity="supervisor-1", guest=guest, since=0.0)
    was = Principal(name="sue", display="Sue", roles=("supervisor",))
    now = Principal(name="sue", display="Sue", roles=("agent",))

    assert holds(was, tenure)
    assert not holds(now, tenure)
    assert not holds(None, tenure)
