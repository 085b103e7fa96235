"""LiveKit's leg is told for by whoever keeps its trunks in step; ours speaks for itself."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
import redis.asyncio

from dialplans.language.leg_capabilities import ANY, IN_FORCE, LIVEKIT_SIP, running
from dialplans.process.background import end
from sip.leg_in_use import tell_of_livekit_sip


@pytest.mark.stack
async def test_whoever_asks_hears_which_leg_is_in_use(redis_url: str) -> None:
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        before = await asyncio.to_thread(running, redis_url)
        telling = asyncio.create_task(
            tell_of_livekit_sip(client, {"SWITCHBOARD_SIP_LEG": "livekit-sip"})
        )
        while not await client.exists(IN_FORCE):
            await asyncio.sleep(0.01)
        during = await asyncio.to_thread(running, redis_url)
        left = await client.ttl(IN_FORCE)
        await end(telling)

    assert before == ANY
    assert during == LIVEKIT_SIP
    assert 0 < left <= 10


@pytest.mark.parametrize("env", [{}, {"SWITCHBOARD_SIP_LEG": "bridge"}])
async def test_nothing_is_said_for_the_embedded_leg(env: dict[str, str]) -> None:
    """It returns, and asks nothing of Redis."""
    nowhere = redis.asyncio.Redis.from_url("redis://127.0.0.1:1/0")

    await tell_of_livekit_sip(nowhere, env)


def test_a_leg_of_another_release_can_still_be_read() -> None:
    """One that says less, and one that says more."""
    known = b'{"name": "bridge", "cannot": {}}'
    more = b'{"name": "bridge", "cannot": {}, "lacks": {}, "colour": "red"}'

    assert msgspec.json.decode(known, type=type(ANY)).lacks == {}
    assert msgspec.json.decode(more, type=type(ANY)).name == "bridge"
