"""How calls end, and callers who say nothing."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

from dialplans.contracts.events import (
    STREAM,
    Answered,
    Ended,
    HandedOver,
    Heard,
    Journal,
    Persona,
    Refused,
    Tool,
    decode,
)
from sip.phone.call import RefusedError
from tests.stack.caller import BILLING, RECEPTION, new_number, telephone
from tests.stack.running import Stack

WRONG = "+442079460101"
"""One digit beside a number of ours."""

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]


async def test_the_caller_hangs_up_in_the_middle_of_a_word(stack: Stack) -> None:
    """The record says who ended it, and everything is gone at once."""
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.call.hears_speech(after=caller.call.answered_at, timeout_s=20)
        await caller.hangs_up()
        ended = await caller.records.wait(Ended, source="agent")
        await caller.records.wait(Ended, source="bridge")

    assert (ended.cause, ended.by) == ("caller_hung_up", "caller")


async def test_a_caller_who_gives_up_while_it_rings_leaves_nothing_behind(stack: Stack) -> None:
    """CANCEL: 487, a record that says so, and no job that waits for somebody who is gone."""
    async with telephone(stack) as phones:
        caller = await phones.dial()
        while caller.call.at("ringing") is None and caller.call.open:
            await asyncio.sleep(0.002)
        await caller.hangs_up()
        refused = await caller.records.wait(Refused, reason="cancelled")
        await stack.nothing_left()
        record = await caller.records.all()

    assert refused.code == 487
    assert [event.kind for event in record if event.source == "bridge"] == ["started", "refused"]
    assert not any(isinstance(event, Answered | Persona) for event in record)


async def test_two_at_once_are_two_conversations(stack: Stack) -> None:
    """Each hears what was meant for them, whoever speaks at the same time."""
    async with telephone(stack) as phones:
        one, other = await asyncio.gather(phones.reach(), phones.reach(BILLING))
        await asyncio.gather(one.catches("help you"), other.catches("this is billing"))
        await asyncio.gather(one.say("Who are you?"), other.say("How much do I owe?"))
        await asyncio.gather(one.catches("london|berlin"), other.catches("customer number"))
        await asyncio.gather(one.hangs_up(), other.hangs_up())
        await one.records.wait(Ended, source="agent")
        await other.records.wait(Ended, source="agent")

    assert one.records.call != other.records.call
    assert [t.name for t in one.records.of(Tool)] == ["about_us"]
    assert [t.name for t in other.records.of(Tool)] == ["balance"]


async def test_a_silent_caller_is_asked_offered_keys_and_put_through(stack: Stack) -> None:
    """Three silences in a row; with nobody there the mailbox ends the call by itself."""
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.hears("help you")
        await caller.hears("still there")
        await caller.hears("cannot hear you|can't hear you", "press 1|press one")
        await caller.hears("tone", timeout_s=60)
        await caller.is_hung_up_on(timeout_s=60)
        await caller.records.wait(Ended, source="agent", cause="no_message")
        record = caller.records

    assert record.of(Heard) == []
    assert record.of(HandedOver)[0].reason == "silence"


async def test_noise_is_never_taken_for_words(stack: Stack) -> None:
    """Hiss and hum for many seconds: nothing is understood, nothing is done, and the next real
    sentence still is."""
    hiss = np.random.default_rng(7).normal(0, 900, 8 * 8000)
    hum = 1200 * np.sin(2 * np.pi * 50 * np.arange(len(hiss)) / 8000)
    noise = (hiss + hum).clip(-32768, 32767).astype(np.int16)
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.hears("help you")
        await caller.play(noise, 8000, text="(noise)")
        await asyncio.sleep(1)
        await caller.records.refresh()
        heard = [event.text for event in caller.records.of(Heard) if event.final]
        tools = caller.records.of(Tool)
        await caller.say("I have a question about my bill")
        await caller.catches("billing")
        await caller.hangs_up()
        await caller.records.wait(Ended, source="agent")

    assert heard == []
    assert tools == []


@pytest.mark.parametrize(
    ("number", "caller", "code", "reason", "detail"),
    [
        (WRONG, "", 404, "no_such_number", "nearest is +442079460100"),
        ("+442079460100", "+4490912345", 603, ("blocked", "rejected_by_plan"), ""),
        ("web", "", 403, "address_not_allowed", "from a web page"),
    ],
    ids=["a number that is not ours", "a nuisance", "the web page's entrance"],
)
async def test_a_refused_call_has_a_code_and_a_record(
    stack: Stack, number: str, caller: str, code: int, reason: object, detail: str
) -> None:
    async with telephone(stack) as phones:
        dialled = await phones.dial(number, caller=caller)
        with pytest.raises(RefusedError) as refused:
            await dialled.answered()
        event = await dialled.records.wait(Refused)

    assert refused.value.code == code
    assert event.code == code
    assert event.reason in (reason if isinstance(reason, tuple) else (reason,))
    assert detail in event.detail
    assert event.called == number


async def refusals(stack: Stack, caller: str, *, count: int) -> list[Refused]:
    """All of one caller, once there are so many: each is a call of its own, and the leg writes them
    in its own time."""
    deadline = time.monotonic() + 30
    while True:
        async with stack.redis() as redis:
            rows = await redis.xrange(STREAM)
        events = [decode(fields[Journal.FIELD]) for _, fields in rows]
        found = [one for one in events if isinstance(one, Refused) and one.caller == caller]
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)


async def test_a_caller_who_calls_too_often_is_busy(stack: Stack) -> None:
    """Every attempt counts, also those that are refused: thirty a minute are too many."""
    number = new_number()
    codes = []
    async with telephone(stack) as phones:
        for called in [WRONG] * 30 + [RECEPTION]:
            dialled = await phones.dial(called, caller=number)
            with pytest.raises(RefusedError) as refused:
                await dialled.answered()
            codes.append(refused.value.code)
        events = await refusals(stack, number, count=len(codes))

    assert codes == [404] * 30 + [486]
    assert [event.code for event in events] == codes
    assert events[-1].reason == "limit_caller"
