"""The tests that look for a PIN find one wherever a caller's words could be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from livekit.agents import llm

from dialplans.contracts.events import CallEvent, Dtmf, HandedOver, Heard, Said, Started, Tool, Turn
from tests.agents.traces import of_events, of_json

PIN = "4711"
HEAD = {"call": "call-442079460200-x", "source": "agent"}


@pytest.mark.parametrize(
    "event",
    [
        Heard(**HEAD, text="it is 4711"),
        Said(**HEAD, speaker="billing", text="You said 4711."),
        Tool(**HEAD, name="enter_digits", arguments={"digits": "4711"}),
        Tool(**HEAD, name="enter_digits", arguments={"pin": 4711}),
        Tool(**HEAD, name="4711", result=""),
        Dtmf(**HEAD, digit="1002004711"),
        HandedOver(**HEAD, frm="a", to="b", summary="PIN 4711"),
        Heard(call="4711", source="agent", text=""),
        Heard(**HEAD, text="", id="4711"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_trace_is_found_in_an_event(event: CallEvent) -> None:
    assert PIN in of_events([event])


def test_a_trace_is_found_in_what_a_model_reads() -> None:
    chat = llm.ChatContext.empty()
    chat.add_message(role="user", content="it is 4711")
    tool = llm.ChatContext.empty()
    tool.insert(llm.FunctionCall(call_id="c", name="enter_digits", arguments='{"digits": "4711"}'))

    assert PIN in of_json(chat.to_dict())
    assert PIN in of_json(tool.to_dict())


def test_clocks_measurements_and_ids_are_no_trace() -> None:
    """The four digits are in each of these, and nobody said them."""
    moment = datetime(2026, 11, 24, 10, 0, 0, 124711, tzinfo=UTC)
    events = [
        Turn(**HEAD, gap_ms=4711.0, at=moment, id="0a1b2c3d4e5f47110a1b2c3d4e5f6071"),
        Started(**HEAD, called="+442079460200", caller="+447700471100", leg="sip_ab4711ab4711"),
    ]
    item = {"id": "item_4711ab4711ab", "created_at": 1795514711.25, "content": ["Hello"]}

    assert PIN not in of_events(events)
    assert PIN not in of_json(item)
