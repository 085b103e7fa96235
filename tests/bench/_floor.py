"""A busy floor without telephones: calls that go on, and what is said in them."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from datetime import UTC, datetime

from redis.asyncio import Redis

from dialplans.contracts.events import (
    STREAM,
    Answered,
    Event,
    Heard,
    Journal,
    Persona,
    Said,
    Started,
    encode,
)

CALLS = 500
EVENTS_PER_SECOND = 100
_PHRASES = (
    "I would like to know why my last invoice is so high.",
    "Let me look at that for you.",
    "The line has been down since this morning.",
    "I have opened a ticket; an engineer will call you.",
    "Could you send it to my new address?",
)


def names(count: int = CALLS) -> list[str]:
    return [f"call-442079460100-bench{number:04d}" for number in range(count)]


async def open_calls(redis_url: str, calls: list[str]) -> None:
    """All of them ring, are answered and talk with reception."""
    events: list[Event] = []
    for number, call in enumerate(calls):
        now = datetime.now(UTC)
        caller = f"+4477009{number:05d}"
        events += [
            Started(call=call, source="bench", at=now, called="+442079460100", caller=caller),
            Answered(call=call, source="bench", at=now),
            Persona(call=call, source="bench", at=now, name="reception"),
        ]
    async with Redis.from_url(redis_url) as redis:
        for at in range(0, len(events), 300):
            async with redis.pipeline(transaction=False) as pipe:
                for event in events[at : at + 300]:
                    pipe.xadd(STREAM, {Journal.FIELD: encode(event)})
                await pipe.execute()


async def talk(
    redis_url: str, calls: list[str], seconds: float, *, rate: int = EVENTS_PER_SECOND
) -> float:
    """Words in calls by chance, evenly spread; returns how many a second it came to."""
    chance = random.Random(5)
    began = time.monotonic()
    sent = 0
    async with Redis.from_url(redis_url) as redis:
        for number in itertools.count():
            due = began + number / rate
            if due > began + seconds:
                break
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            call, text = chance.choice(calls), chance.choice(_PHRASES)
            event: Event = (
                Said(call=call, source="bench", speaker="reception", text=text)
                if number % 2
                else Heard(call=call, source="bench", text=text)
            )
            await redis.xadd(STREAM, {Journal.FIELD: encode(event)})
            sent += 1
    return sent / (time.monotonic() - began)
