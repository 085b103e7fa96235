"""The servers that every other test with real servers stands on."""

from __future__ import annotations

import pytest
from livekit import api
from redis.asyncio import Redis

from tests.stack.servers import LiveKit

pytestmark = pytest.mark.stack


async def test_livekit_answers_its_own_keys_and_shares_redis(livekit: LiveKit) -> None:
    """A room made over the API is seen in the Redis of the fixture: the SIP API needs that."""
    async with api.LiveKitAPI(livekit.http, livekit.key, livekit.secret) as client:
        await client.room.create_room(api.CreateRoomRequest(name="here"))
        trunks = await client.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())

    async with Redis.from_url(livekit.redis_url) as redis:
        rooms = await redis.hkeys("rooms")

    assert rooms == [b"here"]
    assert list(trunks.items) == []


async def test_livekit_refuses_a_stranger(livekit: LiveKit) -> None:
    async with api.LiveKitAPI(livekit.http, "devkey", "secret" * 8) as client:
        with pytest.raises(api.TwirpError) as refused:
            await client.room.list_rooms(api.ListRoomsRequest())

    assert refused.value.status == 401
