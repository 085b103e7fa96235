"""Calls as people find and read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dialplans.contracts import events as ev
from tests.gateway.running import Gateway, started
from tests.gateway.sse import listening
from tests.gateway.story import lines, told


async def test_a_call_can_be_read_with_everything_about_it(gateway: Gateway) -> None:
    """Transcript, trace, tools, gaps and hand-overs come out of the events of the call."""
    call = "call-442079460100-aa"
    await gateway.happen(
        started(call),
        ev.Routed(
            call=call,
            source="agents",
            decision_kind="persona",
            decision_name="reception",
            steps=[{"rule": "route reception 1", "matched": True, "because": "always"}],
        ),
        ev.Persona(call=call, source="agents", name="reception"),
        ev.Heard(call=call, source="agents", text="Where is my invoice?"),
        ev.Tool(call=call, source="agents", name="find", arguments={"n": "4711"}, result="ok"),
        ev.Said(call=call, source="agents", speaker="reception", text="One moment."),
        ev.Turn(call=call, source="agents", gap_ms=810.0),
        ev.HandedOver(call=call, source="agents", frm="persona reception", to="persona billing"),
    )
    client = await gateway.signed_in("supervisor")

    found = (await client.get(f"/api/calls/{call}")).json()

    assert found["call"]["state"] == "talking"
    assert found["call"]["persona"] == "billing"
    assert lines(found) == ["Where is my invoice?", "One moment."]
    assert told(found, "routed")[-1]["steps"][0]["because"] == "always"
    assert told(found, "tool")[0]["arguments"] == {"n": "4711"}
    assert told(found, "turn")[0]["gap_ms"] == 810.0
    assert told(found, "handed_over")[0]["to"] == "persona billing"


async def test_a_record_is_what_the_calls_stream_tells(gateway: Gateway) -> None:
    """The same entries, for each role as it may see them: a viewer reads no digit of the caller's,
    nor the number that was rung for them, nor what a tool was given."""
    call = "call-442079460100-ac"
    stranger = "+491701234567"
    await gateway.happen(
        started(call),
        started(call, caller="+442079460100", called=stranger, direction="out", leg="sip-1"),
        ev.Heard(call=call, source="agents", text="ring 0170 1234567"),
        ev.Tool(
            call=call, source="agents", name="ring", arguments={"n": stranger}, result="1234567"
        ),
        ev.Dtmf(call=call, source="bridge", digit="7"),
    )
    for role in ("supervisor", "viewer"):
        client = await gateway.signed_in(role)
        async with listening(client, f"/api/calls/{call}/events") as stream:
            await stream.until("entry", lambda d: d["event"]["kind"] == "dtmf")
        found = (await client.get(f"/api/calls/{call}")).json()

        assert found["events"] == [frame.data for frame in stream.seen]
        assert ("1234567" in str(found)) == (role == "supervisor")
        assert (told(found, "dtmf")[0]["digit"] == "7") == (role == "supervisor")
        assert ("arguments" in told(found, "tool")[0]) == (role == "supervisor")


async def test_a_record_is_in_the_order_of_time_and_without_words_still_being_spoken(
    gateway: Gateway,
) -> None:
    call = "call-442079460100-ad"
    begun = datetime.now(UTC)
    words = [
        ev.Heard(
            call=call, source="agents", text=text, at=begun + timedelta(seconds=s), final=final
        )
        for text, s, final in (("late", 3, True), ("la", 2, False), ("early", 1, True))
    ]
    await gateway.happen(started(call, at=begun), *words)
    client = await gateway.signed_in("supervisor")

    found = (await client.get(f"/api/calls/{call}")).json()

    assert lines(found) == ["early", "late"]


async def test_a_viewer_sees_masked_numbers_and_cannot_search_them(gateway: Gateway) -> None:
    """Neither the list, nor one call, nor a search gives a viewer the caller's number."""
    call = "call-442079460100-bb"
    await gateway.happen(
        started(call, caller="+491701234567"),
        ev.Heard(call=call, source="agents", text="my number is 0170 1234567"),
    )
    client = await gateway.signed_in("viewer")

    listed = await client.get("/api/calls")
    read = await client.get(f"/api/calls/{call}")
    searched = await client.get("/api/calls", params={"q": "1234567"})
    refused = await client.get("/api/calls", params={"caller": "+4917"})

    assert listed.json()["items"][0]["caller"] == "+49170•••••67"
    assert "1234567" not in listed.text + read.text
    assert searched.json()["items"] == []
    assert refused.status_code == 403
