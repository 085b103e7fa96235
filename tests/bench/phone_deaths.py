"""How long a caller hears nothing when the job, the worker or the server of the call is killed.

One call, in which number and PIN were typed: it is killed again and again, and after each apology
the caller asks what only an identified caller is told. An answer that asks for the number again
fails the measurement, however fast it was. Before each kill a warm job is there to take over.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable

from tests.bench._figures import Bound, count, head, show
from tests.bench._sides import Side, ours_alone, warmed
from tests.stack.caller import Caller, telephone
from tests.stack.running import Stack
from tests.stack.stories.test_story_deaths import job_of, ready_again, worker_of

KILLS = count("KILLS", 6)
JOB = Bound(must=2000, aim=1100)
WORKER = Bound(must=3000, aim=1500)
SERVER = Bound(aim=8000)
BACK_S = 40.0
QUESTION, ANSWER, AGAIN = "How much do I owe?", "owe|due|settled", "customer number"


async def identified(caller: Caller) -> None:
    await caller.hears("help you")
    for keys, words in (
        ("1", "this is billing"),
        ("1", "customer number"),
        ("100200", "(four|for).digit"),
        ("4711", "you owe"),
    ):
        await caller.keys(keys)
        await caller.hears(words)


async def silence_after(caller: Caller, kill: Callable[[], object]) -> float:
    """Milliseconds from the signal to the first loud sample; fails if the context is lost."""
    caller.does("(killed)")
    died = time.time()
    kill()
    back = await caller.call.hears_speech(after=died, timeout_s=BACK_S)
    await caller.hears("back with you|dropped")
    await caller.say(QUESTION)
    answer = await caller.hears(ANSWER)
    assert AGAIN not in answer.lower(), f"the context is lost\n{caller.story}"
    return (back.onset - died) * 1000


async def job_killed(stack: Stack, caller: Caller) -> float:
    job = await job_of(stack, caller)
    return await silence_after(caller, lambda: os.kill(job, signal.SIGKILL))


async def worker_killed(stack: Stack, caller: Caller) -> float:
    worker = worker_of(stack, await job_of(stack, caller))
    pid = stack.pid(worker)
    took = await silence_after(caller, lambda: os.kill(pid, signal.SIGKILL))
    await ready_again(stack, worker, other_than=pid)
    return took


async def server_killed(stack: Stack, caller: Caller) -> float:
    """livekit-server; with it go the room and everybody's way into it, but not the phone's line."""
    pid = stack.pid("livekit")
    took = await silence_after(caller, lambda: stack.kill("livekit"))
    await ready_again(stack, "livekit", other_than=pid)
    return took


async def measure(side: Side) -> bool:
    stack = side.stack
    met = True
    async with telephone(stack) as phones:
        await warmed(phones, side)
        caller = await phones.reach()
        await identified(caller)
        for name, kill, bound in (
            ("job killed → speech again", job_killed, JOB),
            ("worker killed → speech, context", worker_killed, WORKER),
            ("livekit-server killed → speech", server_killed, SERVER),
        ):
            found: list[float] = []
            for _ in range(KILLS):
                await side.calm(calls=1)
                try:
                    found.append(await kill(stack, caller))
                except (AssertionError, TimeoutError, ConnectionError) as error:
                    print(f"  {name}: {error}")
                    break
                print(f"  {name}: {found[-1]:.0f} ms", flush=True)
            met &= show(name, found, bound, wanted=KILLS)
        await caller.hangs_up()
    return met


def main() -> int:
    head(
        "How long it is silent when a process of the call dies",
        "SIGKILL is sent → beginning of the first loud 10 ms of the apology",
    )
    # Nobody is asked whether they are still there while the next job gets warm.
    with ours_alone({"SWITCHBOARD_SILENCE_AFTER": "60"}) as side:
        return 0 if asyncio.run(measure(side)) else 1


if __name__ == "__main__":
    sys.exit(main())
