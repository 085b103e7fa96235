"""Processes die or are restarted in the middle of a call: the caller is not left in silence, and
the persona remembers."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import msgspec
import psutil
import pytest
from redis.asyncio import Redis

from dialplans.contracts.events import Ended, Persona, Problem, Recorded, Refused, Resumed, Tool
from dialplans.contracts.jobs import Claim, lease_key
from sip.phone.call import RefusedError
from tests.stack.caller import Caller, Telephone, telephone
from tests.stack.running import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

WORKERS = ("agents-1", "agents-2")
BACK_S = 90.0


async def job_of(stack: Stack, caller: Caller) -> int:
    """The process that holds the call now."""
    await caller.records.refresh()
    async with Redis.from_url(stack.redis_url) as redis:
        held = await redis.get(lease_key(caller.records.call))
    return msgspec.json.decode(held or b"", type=Claim).pid


def worker_of(stack: Stack, job: int) -> str:
    ancestors = {process.pid for process in psutil.Process(job).parents()}
    return next(name for name in WORKERS if stack.pid(name) in ancestors)


async def ready_again(stack: Stack, name: str, *, other_than: int) -> None:
    await asyncio.to_thread(stack.wait_ready, name, 300, other_than=other_than)


async def test_a_job_and_then_its_whole_worker_are_killed(stack: Stack) -> None:
    """Twice the caller hears a short apology, and twice the conversation goes on where it was:
    the caller whose number and PIN were checked is not asked for them again. What each of the three
    jobs recorded is in the record."""
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.catches("help you")
        await caller.keys("1")
        await caller.catches("this is billing")
        await caller.keys("1")
        await caller.catches("customer number")
        await caller.keys("100200")
        await caller.catches("(four|for).digit")
        await caller.keys("4711")
        await caller.hears("you owe")

        first = await job_of(stack, caller)
        caller.does("(the job is killed)")
        os.kill(first, signal.SIGKILL)
        await caller.hears("back with you|dropped")
        await caller.say("Why is my last invoice so high?")
        await caller.hears("engineer")

        second = await job_of(stack, caller)
        worker = worker_of(stack, second)
        caller.does(f"({worker} is killed)")
        killed = stack.kill(worker)
        await caller.hears("back with you|dropped")
        await caller.say("Please send me my invoice again")
        await caller.hears("sent again")
        await caller.hangs_up()
        ended = await caller.records.wait(Ended, source="agent")
        await ready_again(stack, worker, other_than=killed)
        record = caller.records

    assert first != second
    assert "Harbour Street" in record.said()
    assert len(record.of(Resumed)) == 2
    assert [problem.what for problem in record.of(Problem)].count("job_lost") == 2
    assert [persona.name for persona in record.of(Persona)] == ["reception", *["billing"] * 3]
    assert [t.name for t in record.of(Tool)] == [
        "transfer_to_billing",
        "balance",
        "last_invoice",
        "send_invoice",
    ]
    kept = [stack.layout.home / event.file for event in record.of(Recorded)]
    assert len(kept) == 3
    assert all(file.stat().st_size > 1000 for file in kept)
    assert ended.cause == "caller_hung_up"
    assert ended.figures["duration_s"] > 30


async def test_the_speech_process_is_killed(stack: Stack) -> None:
    """While it is away the keys still lead everywhere, since what is said there was rendered ahead:
    no dead air. Once it is back the same call is understood again."""
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.catches("help you")
        caller.does("(speech is killed)")
        killed = stack.kill("speech")
        back = asyncio.create_task(ready_again(stack, "speech", other_than=killed))
        there, other = "9", "1"
        while not back.done() or there != "1":
            there, other = other, there
            await caller.keys(there)
            await caller.call.hears_speech(timeout_s=BACK_S)
            await asyncio.wait({back}, timeout=6)
        await back
        await caller.call.hears_silence(1.0, timeout_s=60)
        await caller.say("How much do I owe?")
        await caller.catches("customer number")
        await caller.hangs_up()
        await caller.records.wait(Ended, source="agent", cause="caller_hung_up")


async def _goes_on(stack: Stack, name: str, after: Callable[[Caller], Awaitable[object]]) -> Caller:
    """A call during which a server is killed and started again, and a call after that."""
    async with telephone(stack) as phones:
        caller = await phones.reach()
        await caller.hears("help you")
        caller.does(f"({name} is killed)")
        killed = stack.kill(name)
        await after(caller)
        await caller.say("Who are you?")
        await caller.hears("london|berlin")
        await ready_again(stack, name, other_than=killed)
        await caller.hangs_up()
        await caller.records.wait(Ended, source="agent", cause="caller_hung_up")
        await caller.records.wait(Ended, source="bridge", cause="caller_hung_up")

        again = await phones.reach()
        await again.catches("help you")
        await again.hangs_up()
        await again.records.wait(Ended, source="agent")
    return caller


async def test_redis_is_restarted_and_the_call_notices_nothing(stack: Stack) -> None:
    """Its events arrive when Redis is back, and the next call is answered as usual."""

    async def nothing(_: Caller) -> None:
        pass

    caller = await _goes_on(stack, "redis", nothing)

    assert caller.records.of(Resumed) == []
    assert [t.name for t in caller.records.of(Tool)] == ["about_us"]


async def test_livekit_server_is_restarted_and_the_phone_stays_on_the_line(stack: Stack) -> None:
    """The leg keeps the phone and joins the room again; the persona is back with an apology and
    knows where the call was, be it in the job that had the call or in a new one."""

    async def apology(caller: Caller) -> None:
        await caller.hears("back with you|dropped", timeout_s=BACK_S)

    caller = await _goes_on(stack, "livekit", apology)

    rejoined = [problem for problem in caller.records.of(Problem) if problem.what == "rejoined"]
    jobs = 1 + len(caller.records.of(Resumed))
    assert rejoined, caller.story
    assert [p.name for p in caller.records.of(Persona)] == ["reception"] * jobs
    assert [t.name for t in caller.records.of(Tool)] == ["about_us"]


async def sooner_or_later(phones: Telephone) -> Caller:
    """A worker is registered a little before its first job process is warm."""
    async with asyncio.timeout(BACK_S):
        while True:
            try:
                return await phones.reach()
            except RefusedError:
                await asyncio.sleep(1)


async def test_no_worker_is_480_in_time_and_a_record(stack: Stack) -> None:
    """Not endless ringing; and as soon as a worker is back, calls are answered."""
    await asyncio.gather(*(asyncio.to_thread(stack.stop, worker) for worker in WORKERS))
    try:
        async with telephone(stack) as phones:
            caller = await phones.dial()
            with pytest.raises(RefusedError) as refused:
                await caller.answered()
            took = (caller.call.closed_at or 0) - caller.call.dialled_at
            event = await caller.records.wait(Refused)
    finally:
        await asyncio.gather(*(asyncio.to_thread(stack.start, worker) for worker in WORKERS))

    assert refused.value.code == event.code == 480
    assert event.reason == "no_worker"
    assert took < 10, "the setting is 4.5 s; a busy machine adds to it"

    async with telephone(stack) as phones:
        caller = await sooner_or_later(phones)
        await caller.catches("help you")
        await caller.hangs_up()
        await caller.records.wait(Ended, source="agent")
