"""Taking part in a call, on a real livekit-server, with a real job that obeys commands."""

from __future__ import annotations

from typing import Any

from dialplans.contracts import control
from dialplans.contracts import events as ev
from gateway.supervise.modes import NEEDS, hears, sentence
from tests.gateway import rooms
from tests.gateway.rooms import claims
from tests.gateway.running import Gateway, started, until
from tests.gateway.sse import listening
from tests.stack.servers import LiveKit

CALL = "call-442079460100-aa"


async def mode(client: Any, mode: str, have: list[str] | None = None) -> Any:
    answer = await client.post(f"/api/calls/{CALL}/mode", json={"mode": mode, "have": have or []})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_listener_is_hidden_and_mute(room_gateway: Gateway, job: rooms.Job) -> None:
    """Subscribe only, one room, a minute to come in, and no right over its own attributes."""
    client = await room_gateway.signed_in("supervisor", name="sue")

    view = await mode(client, "listen")
    (connection,) = view["open"]
    grant = claims(connection)["video"]

    assert view["hears"] == []
    assert view["sentence"]["en"] == "Nobody can hear you."
    assert grant["room"] == CALL
    assert grant["hidden"] is True
    assert grant["canPublish"] is False
    assert grant["canPublishData"] is False
    assert grant["canUpdateOwnMetadata"] is False
    assert claims(connection)["exp"] - claims(connection)["nbf"] <= 60
    assert job.commands == []


async def test_whisper_never_gives_a_voice_in_the_callers_room(
    room_gateway: Gateway, job: rooms.Job
) -> None:
    """What is spoken goes to the side room; the token for the caller's room stays mute."""
    await room_gateway.happen(
        ev.HandedOver(call=CALL, source="agents", frm="persona billing", to="agent ann")
    )
    client = await room_gateway.signed_in("supervisor", name="sue")

    view = await mode(client, "whisper")
    grants = {c["purpose"]: claims(c)["video"] for c in view["open"]}

    assert view["hears"] == ["agent ann"]
    assert "the caller cannot" in view["sentence"]["en"]
    assert grants["listen"]["canPublish"] is False
    assert grants["side"]["room"] == f"side-{CALL}"
    assert grants["side"]["canPublish"] is True
    assert set(grants) == {"listen", "side"}


async def test_whisper_without_a_person_is_refused(room_gateway: Gateway, job: rooms.Job) -> None:
    """There is nobody to whisper to; the answer says what to do instead."""
    client = await room_gateway.signed_in("supervisor")

    answer = await client.post(f"/api/calls/{CALL}/mode", json={"mode": "whisper"})

    assert answer.status_code == 409
    assert "coach" in answer.json()["detail"]


async def test_take_over_silences_the_persona_first_and_give_back_wakes_it(
    room_gateway: Gateway, job: rooms.Job
) -> None:
    """One voice, one fresh identity; barge and takeover share it; give-back ends in listening."""
    client = await room_gateway.signed_in("supervisor", name="sue")
    listen = await mode(client, "listen")
    mine = [c["identity"] for c in listen["open"]]

    taken = await mode(client, "takeover", mine)
    talk = taken["open"][0]["identity"]
    barge = await mode(client, "barge", [talk])
    again = await mode(client, "takeover", [talk])
    back = (
        await client.post(
            f"/api/calls/{CALL}/giveback", json={"note": "promised a refund", "have": [talk]}
        )
    ).json()

    assert job.ops == ["takeover", "giveback", "takeover", "giveback"]
    assert job.commands[0].who == "supervisor sue"
    assert job.commands[-1].text == "promised a refund"
    assert taken["close"] == mine
    assert barge["open"] == again["open"] == []
    assert (back["mode"], back["close"]) == ("listen", [talk])
    assert back["open"][0]["identity"] not in (*mine, talk)


async def test_a_job_that_does_not_obey_gives_nobody_a_voice(
    room_gateway: Gateway, job: rooms.Job
) -> None:
    """Two voices at once would be worse than none: the mode stays what it was."""
    client = await room_gateway.signed_in("supervisor", name="sue")
    await mode(client, "listen")
    job.reply = control.Reply(ok=False, detail="the call is ending")

    refused = await client.post(f"/api/calls/{CALL}/mode", json={"mode": "takeover"})
    now = (await client.get(f"/api/calls/{CALL}/mode")).json()

    assert refused.status_code == 409
    assert refused.json()["detail"] == "the call is ending"
    assert now["mode"] == "listen"


async def test_closing_the_tab_returns_to_silence_and_gives_the_call_back(
    room_gateway: Gateway, job: rooms.Job, room_livekit: LiveKit
) -> None:
    """LiveKit's webhook is enough: idle, the persona goes on, the audit row gets its end."""
    client = await room_gateway.signed_in("supervisor", name="sue")
    view = await mode(client, "takeover")
    tab = await rooms.open_(view["open"])
    await tab.aclose()

    async def idle() -> bool:
        return bool((await client.get(f"/api/calls/{CALL}/mode")).json()["mode"] == "idle")

    await until(idle)
    await until(lambda: _ops(job, ["takeover", "giveback"]))
    admin = await room_gateway.signed_in("admin")
    rows = (await admin.get("/api/audit", params={"action": "takeover"})).json()["items"]

    assert rows[0]["ended_at"] is not None
    assert rows[0]["call"] == CALL


async def _ops(job: rooms.Job, ops: list[str]) -> bool:
    return job.ops == ops


async def test_a_reload_gets_new_identities_and_shows_the_old_ones_out(
    room_gateway: Gateway, job: rooms.Job, room_livekit: LiveKit
) -> None:
    """A token read out of the page's memory before opens nothing afterwards."""
    client = await room_gateway.signed_in("supervisor", name="sue")
    first = await mode(client, "barge")
    stack = await rooms.open_(first["open"])
    old = first["open"][0]["identity"]

    second = await mode(client, "barge", [])
    await rooms.absent(room_livekit, CALL, old)
    await stack.aclose()
    intruder = await rooms.open_(first["open"])
    await rooms.absent(room_livekit, CALL, old)
    await intruder.aclose()

    assert second["open"][0]["identity"] != old


async def test_whoever_was_not_let_in_is_shown_out(
    room_gateway: Gateway, job: rooms.Job, room_livekit: LiveKit
) -> None:
    """Also with a valid token of our own key, and also a telephone in a side room."""
    for room, identity, kind in (
        (CALL, "stranger", "standard"),
        (f"side-{CALL}", "sip_+4917", "sip"),
        (f"side-{CALL}", "agent-2", "agent"),
    ):
        async with rooms.joined(room_livekit.url, rooms.token(room_livekit, room, identity, kind)):
            await rooms.absent(room_livekit, room, identity)

    async def noticed() -> bool:
        entries = await room_gateway.container.records.entries(CALL)
        return sum(e.event.kind == "problem" for e in entries) >= 3

    await until(noticed)


async def test_the_sentence_follows_when_somebody_else_comes_or_goes(
    room_gateway: Gateway, job: rooms.Job
) -> None:
    """A supervisor who barged in is told at once that a person can hear them now, too."""
    client = await room_gateway.signed_in("supervisor", name="sue")
    async with listening(client) as source:
        await source.until("snapshot")
        await mode(client, "barge")
        await room_gateway.happen(
            ev.HandedOver(call=CALL, source="agents", frm="persona billing", to="agent ann")
        )
        told = await source.until("mode", lambda d: "agent ann" in d["hears"])

    assert told.data["mode"] == "barge"
    assert "ann" in told.data["sentence"]["en"]


async def test_a_call_that_is_over_cannot_be_joined(room_gateway: Gateway) -> None:
    """A token for a room that is gone would make the room anew."""
    client = await room_gateway.signed_in("supervisor")
    await room_gateway.happen(
        started(CALL), ev.Ended(call=CALL, source="agents", cause="caller_hung_up")
    )

    answer = await client.post(f"/api/calls/{CALL}/mode", json={"mode": "listen"})

    assert (answer.status_code, answer.json()["code"]) == (409, "call_over")


async def test_the_sentence_is_true_in_every_mode_and_for_every_call(room_gateway: Gateway) -> None:
    """Whoever hears is named; nobody is named who does not; a mode without a voice says nobody."""
    await room_gateway.happen(started(CALL), ev.Persona(call=CALL, source="agents", name="billing"))
    with_persona = await room_gateway.container.records.call(CALL)
    await room_gateway.happen(ev.HandedOver(call=CALL, source="agents", frm="x", to="agent ann"))
    with_person = await room_gateway.container.records.call(CALL)

    for row in (with_persona, with_person, None):
        for mode_ in NEEDS:
            said, heard = sentence(mode_, row), hears(mode_, row)
            assert ("Nobody" in said.en) == ("Niemand" in said.de) == (not heard)
            assert ("caller" in heard) <= ("talk" in NEEDS[mode_])
            assert ("ann" in said.en) == any("ann" in h for h in heard)
    assert sentence("takeover", with_persona).en == "The caller can hear you; billing is silent."


async def test_the_side_room_is_closed_with_the_call(
    room_gateway: Gateway, job: rooms.Job, room_livekit: LiveKit
) -> None:
    """A whisper is about a call; nobody stays behind in its side room, and no token made for it
    lets anybody in again."""
    await room_gateway.happen(
        ev.HandedOver(call=CALL, source="agents", frm="persona billing", to="agent ann")
    )
    client = await room_gateway.signed_in("supervisor", name="sue")
    view = await mode(client, "whisper")
    (side,) = [c for c in view["open"] if c["purpose"] == "side"]

    async with await rooms.open_([side]):
        await room_gateway.container.rooms.delete(CALL)
        await rooms.absent(room_livekit, side["room"], side["identity"])
        again = await room_gateway.container.webhooks._guests.find(side["room"], side["identity"])

    assert again is None
