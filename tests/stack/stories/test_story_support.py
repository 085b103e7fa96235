"""Callers whose line does not work, who want a message taken, or who press keys only."""

from __future__ import annotations

import pytest

from dialplans.contracts.events import Dtmf, Ended, HandedOver, Heard, Persona, Tool, VoiceMessage
from tests.stack.caller import telephone
from tests.stack.running import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]


async def test_a_fault_becomes_a_ticket_and_reception_takes_the_rest(stack: Stack) -> None:
    """Support knows what is wrong and asks its questions, opens a ticket with a number, and hands
    back to reception, which knows the caller already and takes a message."""
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.catches("help you")
        await caller.say("My internet is not working")
        await caller.catches("this is support", "yes or no")
        await caller.say("No, it's red")
        await caller.catches("cable", "yes or no")
        await caller.keys("2")
        await caller.catches("ticket")
        await caller.say("Please put me back to reception")
        await caller.catches("back at reception")
        await caller.say("When are you open?")
        await caller.catches("open|opens|closed")
        await caller.say("I would like to leave a message")
        await caller.catches("message")
        await caller.say("Please tell Peter that I will come on Tuesday")
        await caller.catches("noted")
        await caller.hangs_up()
        ended = await caller.records.wait(Ended, source="agent")
        record = caller.records

    assert [p.name for p in record.of(Persona)] == ["reception", "support", "reception"]
    tools = [t.name for t in record.of(Tool)]
    assert "troubleshoot" in tools
    assert tools[-3:] == ["opening_hours", "take_message", "save_message"]
    assert "ticket number 4" in record.said().lower()
    assert ended.cause == "caller_hung_up"
    assert ended.by == "caller"


async def test_keys_alone_lead_everywhere(stack: Stack) -> None:
    """Not one word is spoken: key 1 is billing, 1 the balance, number and PIN are typed, 9 is
    reception again, 0 a person; nobody is there, so a message can be left, and # ends it."""
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.catches("help you")
        await caller.keys("1")
        await caller.catches("this is billing")
        await caller.keys("1")
        await caller.catches("customer number")
        await caller.keys("100300")
        await caller.catches("(four|for).digit")
        await caller.keys("2580")
        await caller.catches("owe nothing")
        await caller.keys("9")
        await caller.catches("reception")
        await caller.keys("0")
        await caller.hears("nobody|message", "tone")
        await caller.keys("#")
        await caller.hears("not hear a message")
        await caller.is_hung_up_on()
        await caller.records.wait(Ended, source="agent", cause="no_message")
        record = caller.records

    assert record.of(Heard) == []
    assert [d.digit for d in record.of(Dtmf)] == ["1", "1", *"••••••••••", "9", "0", "#"]
    assert [h.to for h in record.of(HandedOver)] == [
        "persona billing", "persona reception", "queue support", "voicemail messages",
    ]  # fmt: skip


async def test_a_person_is_asked_for_and_nobody_is_there(stack: Stack) -> None:
    """At any time: the caller hears that nobody is free and leaves a message, which is a file with
    their voice and a record with their words."""
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.catches("help you")
        await caller.say("I want to speak to a person, please")
        await caller.lets_finish()
        await caller.say("This is Anna Miller, please call me back tomorrow morning")
        await caller.keys("#")
        await caller.hears("recorded", "goodbye")
        await caller.is_hung_up_on()
        await caller.records.wait(Ended, source="agent", cause="message_taken")
        message = await caller.records.wait(VoiceMessage, mailbox="messages")
        record = caller.records

    assert "nobody is free" in record.said()
    assert "call me back" in message.text
    assert message.seconds > 2
    assert (stack.layout.home / message.file).stat().st_size > 2 * 16_000 * 2
    assert [h.to for h in record.of(HandedOver)] == ["queue support", "voicemail messages"]
