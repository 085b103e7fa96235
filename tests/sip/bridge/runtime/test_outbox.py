"""The leg's events reach the stream, in order, also when Redis is away for a while."""

from __future__ import annotations

import asyncio

import pytest
import redis.asyncio
from redis.exceptions import RedisError

from dialplans.contracts.events import STREAM, Journal, Problem, decode
from dialplans.contracts.outbox import MOST
from sip.bridge.runtime.outbox import leg_outbox
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
            outbox = leg_outbox(client)
            outbox.add(event(1))
            await asyncio.sleep(0.2)
            await asyncio.to_thread(running.stop_gently, "redis")
            outbox.add(event(2))
            outbox.add(event(3))
            await asyncio.sleep(0.3)
            waiting = len(outbox)
            await asyncio.to_thread(running.start, "redis")
            outbox.add(event(4))
            await outbox.aclose(10)
        found = await stored(servers.redis_url)

    assert waiting == 2
    assert found == ["1", "2", "3", "4"]


class Away(redis.asyncio.Redis):
    async def xadd(self, *arguments: object, **options: object) -> object:
        raise RedisError("away")


async def test_a_buffer_that_is_full_loses_the_oldest_and_counts() -> None:
    """Memory is bounded; calls are not disturbed by a Redis that never comes back."""
    async with Away() as client:
        outbox = leg_outbox(client)
        for number in range(MOST + 3):
            outbox.add(event(number))

        assert len(outbox) == MOST
        assert outbox.lost == 3
