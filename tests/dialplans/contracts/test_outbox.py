"""Events on their way to Redis: whoever adds one never waits, and nothing is lost that fits."""

from __future__ import annotations

import asyncio

from dialplans.contracts.events import Event, Problem
from dialplans.contracts.outbox import Outbox


def event(number: int) -> Problem:
    return Problem(call="call-1", source="test", what=str(number))


class Taking:
    """A sink that takes events while it is there, and remembers when it was asked."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.taken: list[str] = []
        self.asked: list[float] = []

    async def append(self, event: Event) -> None:
        self.asked.append(asyncio.get_running_loop().time())
        if not self.there:
            raise OSError("away")
        assert isinstance(event, Problem)
        self.taken.append(event.what)


async def test_events_keep_their_order_over_a_time_without_the_sink() -> None:
    sink = Taking(there=False)
    outbox = Outbox(sink, first_retry_s=0.01)
    for number in range(5):
        outbox.add(event(number))
    await asyncio.sleep(0.05)
    waiting = outbox.waiting
    sink.there = True
    await outbox.aclose()

    assert waiting == 5
    assert sink.taken == ["0", "1", "2", "3", "4"]
    assert outbox.waiting == 0


async def test_the_wait_between_two_attempts_doubles_up_to_a_limit() -> None:
    """A Redis that starts is not asked more often than it can answer."""
    sink = Taking(there=False)
    outbox = Outbox(sink, first_retry_s=0.02, most_retry_s=0.04)
    outbox.add(event(1))
    await asyncio.sleep(0.2)
    await outbox.aclose(0.0)
    first, *others = [later - at for at, later in zip(sink.asked, sink.asked[1:], strict=False)]

    assert first >= 0.015
    assert others
    assert all(wait >= 0.035 for wait in others)


class Slow:
    """Takes its time with each event, and so with the one that is dropped meanwhile."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.taken: list[str] = []

    async def append(self, event: Event) -> None:
        await self.go_on.wait()
        assert isinstance(event, Problem)
        self.taken.append(event.what)


async def test_an_event_that_is_dropped_while_it_is_sent_takes_no_other_with_it() -> None:
    """Memory is bounded: the oldest goes, and what came after it still arrives."""
    sink = Slow()
    outbox = Outbox(sink, most=2)
    outbox.add(event(1))
    await asyncio.sleep(0)
    outbox.add(event(2))
    outbox.add(event(3))
    sink.go_on.set()
    await outbox.aclose()

    assert outbox.lost == 1
    assert sink.taken == ["1", "2", "3"]


class Stubborn:
    """As a library that takes being cancelled for its own time-out."""

    def __init__(self) -> None:
        self.cancelled = 0

    async def append(self, event: Event) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled += 1
            if self.cancelled > 1:
                raise
            raise TimeoutError from None


async def test_it_ends_for_certain() -> None:
    """Whatever the sink does with it, and although an event is still there."""
    sink = Stubborn()
    outbox = Outbox(sink, first_retry_s=0.0)
    outbox.add(event(1))
    await asyncio.sleep(0.01)

    async with asyncio.timeout(5):
        await outbox.aclose(0.05)

    assert sink.cancelled == 2
    assert outbox.waiting == 1
