"""Calls as people find and read them."""

from __future__ import annotations

from dialplans.contracts import events as ev
from tests.gateway.running import Gateway, started


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
    assert [line["text"] for line in found["transcript"]] == ["Where is my invoice?", "One moment."]
    assert found["trace"][0]["because"] == "always"
    assert found["tool_calls"][0]["arguments"] == {"n": "4711"}
    assert found["gaps"][0]["gap_ms"] == 810.0
    assert found["hand_overs"][0]["to"] == "persona billing"


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
