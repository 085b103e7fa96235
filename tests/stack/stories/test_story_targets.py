"""Calls that go on outside, to a telephone that is rung. The telephone of these tests is at both
ends."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

from dialplans.contracts.events import Ended, HandedOver
from sip.phone import device
from sip.phone.ear import Segment
from tests.stack.caller import Caller, Telephone, telephone
from tests.stack.plans import PLAIN, WARM
from tests.stack.running import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]

DUTY = "+493023125900"


@pytest.fixture(autouse=True)
def at_the_end_of_the_trunk(monkeypatch: pytest.MonkeyPatch, trunk_port: int) -> None:
    monkeypatch.setattr(device, "_free_port", lambda: trunk_port)


async def put_through(
    phones: Telephone, number: str, rung: str, *, after: str = ""
) -> tuple[Caller, Caller]:
    """The caller, and whoever is rung outside, who has taken the handset off; not before the
    caller has heard the words of `after`."""
    phone = phones._phone
    await phone.be_reachable(rung)
    caller = await phones.reach(number)
    ringing = await phone.rings(30)
    if after:
        await caller.catches(after)
    await ringing.answer()
    person = Caller(ringing, phones._voice("en"), caller.records)
    person._mark = ringing.answered_at or time.time()
    return caller, person


async def test_a_telephone_that_answers_talks_with_the_caller(stack: Stack) -> None:
    """Both hear each other; when the person hangs up the call is over, and the record says who."""
    async with telephone(stack) as phones:
        caller, person = await put_through(phones, PLAIN, DUTY)
        await caller.records.wait(HandedOver, to="person plain")
        person.does("listens")
        await caller.say("Can you hear me at the other end?")
        await person.hears("hear me")
        caller.does("listens")
        await person.say("Yes, I can hear you very well")
        await caller.hears("very well|hear you")
        await person.hangs_up()
        await caller.is_hung_up_on()
        ended = await caller.records.wait(Ended, source="agent")

    assert ended.cause == "person_hung_up"
    assert ended.by == "person"


def words_in(caller: Caller, begin: float, end: float) -> float:
    """How loud what this telephone heard was beside the ringing tone: RMS of the loudest 200 ms."""
    samples, rate = caller.call.far_audio(Segment(begin, end))
    loudest = 0.0
    for at in range(0, len(samples) - rate // 5, rate // 5):
        wave = np.fft.rfft(samples[at : at + rate // 5] * np.hanning(rate // 5))
        hertz = np.fft.rfftfreq(rate // 5, 1 / rate)
        wave[(hertz > 350) & (hertz < 500)] = 0
        loudest = max(loudest, float(np.sqrt(np.mean(np.fft.irfft(wave) ** 2))))
    return loudest


async def test_a_warm_transfer_is_taken_with_a_key(stack: Stack) -> None:
    """Whoever is rung hears that there is a caller and takes the call with 1; a mailbox that
    answers would not. For the caller it rings until then, and neither hears the other."""
    async with telephone(stack) as phones:
        caller, person = await put_through(phones, WARM, DUTY, after="stay on the line")
        begin = time.time() + 1.0
        await person.hears("press 1|press one")
        end = time.time()
        assert words_in(person, begin, end) > 4 * words_in(caller, begin, end)
        assert words_in(caller, begin, end) < 300, "the caller heard what was not for them"
        await caller.say("Is anybody there?")
        await asyncio.sleep(1.0)
        assert words_in(person, end + 0.5, time.time()) < 300
        await person.keys("1")
        await caller.records.wait(HandedOver, to="person duty_phone")
        person.does("listens")
        await caller.say("My line is down since this morning")
        await person.hears("line|morning")
        await caller.hangs_up()
        await person.is_hung_up_on()
        ended = await caller.records.wait(Ended, source="agent")

    assert ended.cause == "caller_hung_up"


async def test_who_hangs_up_instead_of_taking_the_call_ends_nothing(stack: Stack) -> None:
    """The caller hears that nobody could be reached, and may leave a message."""
    async with telephone(stack) as phones:
        caller, person = await put_through(phones, WARM, DUTY)
        await person.hears("press 1|press one")
        caller.does("listens")
        await person.hangs_up()
        await caller.hears("(could not|cannot) reach", "leave a message")
        await caller.hangs_up()
        ended = await caller.records.wait(Ended, source="agent")

    assert ended.cause == "caller_hung_up"
