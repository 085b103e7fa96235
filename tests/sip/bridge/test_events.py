"""The leg's events reach the stream, in order, also when Redis is away for a while."""

from __future__ import annotations

import asyncio

import pytest
import redis.asyncio
from redis.exceptions import RedisError

from dialplans.contracts.events import STREAM, Journal, Problem, decode
from sip.bridge.journal import MOST, EventBuffer
from tests.sip.bridge.restarting import Restarting
from tests.stack.servers import Servers, short_folder


def event(number: int) -> Problem:
    return Problem(call="call-1", source="bridge", what=str(number))


async def stored(url: str) -> list[str]:
    async with redis.asyncio.Redis.from_url(url) as client:
        rows = await client.xrange(STREAM)
    found = [decode(fields[Journal.FIELD.encode()]) for _, fields in rows]
    return [e.what for e in found if isinstance(e, Problem)]


@pytest.mark.stack
async def test_nothing_is_lost_while_redis_restarts() -> None:
    """Before, during and after: each event once and in order."""
    with short_folder() as home, Restarting(servers := Servers(home)) as running:
        running.start("redis")
        async with redis.asyncio.Redis.from_url(servers.redis_url) as client:
            buffer = EventBuffer(client)
            buffer.start()
            buffer.note(event(1))
            await asyncio.sleep(0.2)
            await asyncio.to_thread(running.stop_gently, "redis")
            buffer.note(event(2))
            buffer.note(event(3))
            await asyncio.sleep(0.3)
            waiting = len(buffer)
            await asyncio.to_thread(running.start, "redis")
            buffer.note(event(4))
            await buffer.aclose(patience=10)
        found = await stored(servers.redis_url)

    assert waiting == 2
    assert found == ["1", "2", "3", "4"]


class Away(redis.asyncio.Redis):
    async def xadd(self, *arguments: object, **options: object) -> object:
        raise RedisError("away")


async def test_a_buffer_that_is_full_loses_the_oldest_and_counts() -> None:
    """Memory is bounded; calls are not disturbed by a Redis that never comes back."""
    async with Away() as client:
        buffer = EventBuffer(client)
        for number in range(MOST + 3):
            buffer.note(event(number))

        assert len(buffer) == MOST
        assert buffer.lost == 3
