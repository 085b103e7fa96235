"""What gateways tell each other over Redis, so that two of them show one picture."""

from __future__ import annotations

from typing import Any

import msgspec
from redis.asyncio import Redis

from gateway.records.store import Batch

CHANNEL = "switchboard:live"


class Committed(msgspec.Struct, frozen=True, tag="committed"):
    """Events that are in the table now, with the rows they changed."""

    batch: Batch


class Notice(msgspec.Struct, frozen=True, tag="notice"):
    """A frame for every console, or for one person's. `data` is its JSON."""

    frame: str
    data: msgspec.Raw
    to: str | None = None


Message = Committed | Notice

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Message).decode


class Publisher:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def committed(self, batch: Batch) -> None:
        await self._redis.publish(CHANNEL, encode(Committed(batch)))

    async def notice(self, frame: str, data: Any, *, to: str | None = None) -> None:
        raw = msgspec.Raw(encode(data))
        await self._redis.publish(CHANNEL, encode(Notice(frame, raw, to)))
