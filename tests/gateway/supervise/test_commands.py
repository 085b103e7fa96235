"""What a supervisor tells a call: words for its persona, hold, transfer, notes, hanging up."""

from __future__ import annotations

from dialplans.contracts import control
from dialplans.contracts import events as ev
from tests.gateway import rooms
from tests.gateway.running import Gateway, started, until
from tests.gateway.story import coached, lines
from tests.stack.servers import LiveKit

CALL = "call-442079460100-aa"


async def test_coach_transfer_hold_note_help_and_hang_up_reach_the_call(
    room_gateway: Gateway, job: rooms.Job
) -> None:
    """Each is a signed command or an event, and each leaves an audit row."""
    client = await room_gateway.signed_in("supervisor", name="sue")
    base = f"/api/calls/{CALL}"

    answers = [
        await client.post(f"{base}/coach", json={"text": "Offer a credit note."}),
        await client.post(f"{base}/say", json={"text": "We credit you ten pounds."}),
        await client.post(f"{base}/hold", json={"on": True}),
        await client.post(f"{base}/hold", json={"on": False}),
        await client.post(f"{base}/transfer", json={"to": "persona support"}),
        await client.post(f"{base}/help", json={"on": True, "note": "angry"}),
        await client.post(f"{base}/note", json={"note": "VIP", "disposition": "open"}),
        await client.post(f"{base}/hangup", json={"reason": "done"}),
    ]
    bad = await client.post(f"{base}/transfer", json={"to": "the moon"})
    admin = await room_gateway.signed_in("admin")
    trail = (await admin.get("/api/audit", params={"call": CALL})).json()["items"]

    assert [a.status_code for a in answers] == [202, 202, 202, 202, 202, 202, 201, 202]
    assert bad.status_code == 400
    assert job.ops == ["coach", "say", "hold", "unhold", "transfer", "hangup"]
    assert len({c.nonce for c in job.commands}) == len(job.commands)
    assert [row["action"] for row in reversed(trail)] == [
        "coach",
        "say",
        "hold",
        "hold",
        "transfer",
        "help",
        "note",
        "hangup",
    ]


async def test_a_coach_who_cannot_be_followed_is_told_so_and_only_the_record_has_the_words(
    room_gateway: Gateway, job: rooms.Job
) -> None:
    """A conflict with the reason; the words stand as coaching that came to nothing, in no line of
    the conversation. Who may look but not take part can make nobody say anything."""
    client = await room_gateway.signed_in("supervisor", name="sue")
    job.reply = control.Reply(ok=False, detail="this AI takes no instructions")
    words = "Offer a credit note."
    refused = await client.post(f"/api/calls/{CALL}/coach", json={"text": words})

    async def written() -> bool:
        return bool(coached((await client.get(f"/api/calls/{CALL}")).json()))

    await until(written)
    found = (await client.get(f"/api/calls/{CALL}")).json()
    agent = await room_gateway.signed_in("agent", name="ann")
    forbidden = await agent.post(f"/api/calls/{CALL}/say", json={"text": words})

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "takes no instructions" in refused.json()["detail"]
    assert [(one["text"], one["ok"]) for one in coached(found)] == [(words, False)]
    assert words not in lines(found)
    assert found["call"]["coachable"] is False
    assert forbidden.status_code == 403


async def test_a_call_without_a_job_is_hung_up_and_says_by_whom(
    room_gateway: Gateway, room_livekit: LiveKit
) -> None:
    """The room is closed; that the leg then reports a lost room does not hide the person."""
    await room_gateway.happen(started(CALL), ev.Persona(call=CALL, source="agents", name="billing"))
    client = await room_gateway.signed_in("supervisor", name="sue")

    async with rooms.joined(room_livekit.url, rooms.token(room_livekit, CALL, "sip-caller")):
        done = await client.post(f"/api/calls/{CALL}/hangup", json={"reason": "done"})
        await rooms.absent(room_livekit, CALL, "sip-caller")
    await room_gateway.happen(ev.Ended(call=CALL, source="bridge", cause="room_closed"))
    row = (await client.get(f"/api/calls/{CALL}")).json()

    assert done.json()["detail"] == "The room was closed."
    assert row["call"]["cause"] == "person_hung_up"
