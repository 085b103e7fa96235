"""Tasks are ended for certain, and in turn."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from dialplans.process.background import AGAIN_S, end


async def deaf(seconds: float) -> None:
    """Goes on that long, whoever cancels it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            await asyncio.sleep(0.02)
        except asyncio.CancelledError:
            continue


async def test_who_takes_the_first_cancellation_for_something_else_is_asked_again() -> None:
    task = asyncio.create_task(deaf(1.5 * AGAIN_S))
    await asyncio.sleep(0)

    await end(task, None)

    assert task.done()


async def test_who_ends_others_in_turn_comes_to_what_it_does_after_that() -> None:
    """However long they take: else a lock would stay with somebody who is gone."""
    done: list[str] = []

    async def leads() -> None:
        helper = asyncio.create_task(deaf(3 * AGAIN_S))
        try:
            await asyncio.sleep(60)
        finally:
            await end(helper)
            done.append("the lock is given back")

    task = asyncio.create_task(leads())
    await asyncio.sleep(0)

    await end(task)

    assert task.cancelled()
    assert done == ["the lock is given back"]


@pytest.mark.parametrize("giving_back_s", [0.0, 0.5 * AGAIN_S, 3 * AGAIN_S])
async def test_what_is_done_after_ending_others_may_take_its_time(giving_back_s: float) -> None:
    """It is not cancelled again while it waits for somebody."""
    done: list[str] = []

    async def leads() -> None:
        helper = asyncio.create_task(asyncio.sleep(60))
        try:
            await asyncio.sleep(60)
        finally:
            await end(helper)
            await asyncio.sleep(giving_back_s)
            done.append("the lock is given back")

    task = asyncio.create_task(leads())
    await asyncio.sleep(0)

    await end(task)

    assert task.cancelled()
    assert done == ["the lock is given back"]


async def test_who_once_ended_others_under_a_time_out_is_asked_again_later() -> None:
    """That it heard of one cancellation says nothing of the next."""
    asked = 0

    async def works() -> None:
        nonlocal asked
        helper = asyncio.create_task(asyncio.sleep(60))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                try:
                    await asyncio.sleep(60)
                finally:
                    await end(helper)
        while asked < 3:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                asked += 1

    task = asyncio.create_task(works())
    await asyncio.sleep(0.05)

    await end(task)

    assert asked == 3


@pytest.mark.parametrize("times", [1, 3])
async def test_who_is_cancelled_while_it_ends_others_ends_them_first(times: int) -> None:
    """Nobody is left running behind it, and it ends as cancelled."""
    helper = asyncio.create_task(deaf(2 * AGAIN_S))
    task = asyncio.create_task(end(helper))
    for _ in range(times):
        await asyncio.sleep(0.02)
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert helper.done()


async def test_what_a_task_raised_is_not_the_business_of_who_ends_it() -> None:
    """Nor is it a reason to leave the others running; who ends itself waits for nobody."""

    async def breaks() -> None:
        raise ValueError

    async def sleeps() -> None:
        await asyncio.sleep(60)

    tasks = [asyncio.create_task(breaks()), asyncio.create_task(sleeps())]
    await asyncio.sleep(0)

    await end(*tasks, asyncio.current_task())

    assert tasks[1].cancelled()
