"""Callers with a question about their bill, on the real stack, from ring to goodbye."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from dialplans.contracts.events import (
    Answered,
    Dtmf,
    Ended,
    HandedOver,
    Heard,
    Persona,
    Routed,
    Started,
    Tool,
    Turn,
)
from gateway.access.guest_list import Guest, GuestList
from gateway.local.log_file import FILE
from tests.agents.traces import of_events
from tests.sip.bridge.listener import Listener, listening
from tests.stack.caller import BILLING, Caller, telephone
from tests.stack.running import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]

NUMBER, PIN = "100200", "4711"
OWED = "77 pounds|£77"
"""The phone's recogniser writes it either way."""


@contextlib.asynccontextmanager
async def supervised(stack: Stack, caller: Caller) -> AsyncIterator[Listener]:
    """Somebody listens in, let in as the gateway lets a supervisor in."""
    call = (await caller.records.wait(Started)).call
    async with stack.redis() as redis:
        guest = Guest(who="sue", purpose="listen", call=call)
        await GuestList(redis).add(call, "listener", guest)
    async with listening(stack.livekit, call) as listener:
        yield listener


async def test_from_the_greeting_to_an_explained_invoice_and_goodbye(stack: Stack) -> None:
    """Reception greets and hands over by voice; billing asks who calls, takes number and PIN by
    keys, explains the invoice, answers the next question without asking again, and hangs up when
    the caller says goodbye. No digit typed in between is recorded anywhere, and a supervisor who
    listens in gets none; no log names who called."""
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.catches("thank you for calling", "help you")
        await caller.say("I have a question about my bill")
        await caller.catches("put you through", "this is billing")
        async with supervised(stack, caller) as supervisor:
            await caller.say("Why is my last invoice so high?")
            await caller.catches("customer number")
            await caller.keys(NUMBER)
            await caller.catches("(four|for).digit")
            await caller.keys(PIN)
            await caller.hears(OWED, "engineer")
        await caller.say("And what do I owe you?")
        await caller.catches("you owe", OWED)
        await caller.say("No thank you, goodbye")
        await caller.is_hung_up_on()
        ended = await caller.records.wait(Ended, source="agent")
        record = caller.records

    assert [p.name for p in record.of(Persona)] == ["reception", "billing"]
    assert record.of(Routed)[0].decision_name == "reception"
    assert record.of(Routed)[0].steps
    assert record.of(Answered)
    assert [h.to for h in record.of(HandedOver)] == ["persona billing"]
    assert [t.name for t in record.of(Tool)] == [
        "transfer_to_billing", "last_invoice", "balance", "goodbye",
    ]  # fmt: skip
    assert {d.digit for d in record.of(Dtmf)} == {"•"}
    assert len(record.of(Dtmf)) == len(NUMBER + PIN)
    assert not any(word in of_events(record.events) for word in (NUMBER, PIN))
    assert supervisor.keys == []
    log = (stack.layout.logs / FILE).read_text("utf-8", "replace")
    assert record.call in log
    assert record.caller[3:] not in log
    assert len(record.of(Turn)) >= 4
    assert ended.cause == "persona_hung_up"
    assert ended.figures["duration_s"] > 20


async def test_who_calls_can_be_said_as_well_as_typed(stack: Stack) -> None:
    """On billing's own line: number and PIN spoken, and the invoice promised once more. What was
    spoken as a number is not in the record either, and a supervisor who listens in hears none of
    it, but all that came before."""
    async with telephone(stack) as phones:
        caller = await phones.reach(BILLING)
        await caller.catches("billing")
        async with supervised(stack, caller) as supervisor:
            await caller.say("Please send me my invoice again")
            await caller.catches("customer number")
            question = supervisor.loudest
            supervisor.heard.clear()
            await caller.say("one double zero, two double zero")
            await caller.catches("(four|for).digit")
            await caller.say("four seven one one")
            answers = supervisor.loudest
            await caller.hears("sent again")
        await caller.hangs_up()
        ended = await caller.records.wait(Ended, source="agent")
        record = caller.records

    assert "Harbour Street" in record.said()
    assert question > 1000 > 100 > answers
    heard = " ".join(event.text for event in record.of(Heard))
    assert "•" in heard
    assert not any(character.isdigit() for character in heard)
    assert record.of(Routed)[0].decision_name == "billing"
    assert ended.cause == "caller_hung_up"


async def test_a_wrong_pin_three_times_is_a_person_and_not_an_account(stack: Stack) -> None:
    """Guessing gets nowhere: after three misses the caller is put through, and with nobody there
    may leave a message."""
    async with telephone(stack) as phones:
        caller = await phones.reach(BILLING)
        await caller.catches("billing")
        await caller.keys("1")
        await caller.catches("customer number")
        for _ in range(2):
            await caller.keys("200100" + "9999")
            await caller.catches("not match")
        await caller.keys("200100" + "9999")
        await caller.hears("message", "tone")
        await caller.hangs_up()
        await caller.records.wait(Ended, source="agent")
        record = caller.records

    assert "settled" not in record.said()
    assert record.of(HandedOver)[-1].to == "voicemail messages"
