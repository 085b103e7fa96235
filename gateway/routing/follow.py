"""Whoever changes the plan, every console learns which revision is in force."""

from __future__ import annotations

import asyncio

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.revisions.store import CHANGED, PlanStore
from gateway.live.feed import Feed
from gateway.live.live_state import Plan
from gateway.live.pubsub import Notice, encode

_LOOK_S = 5.0


class PlanFollower:
    """Listens to the store's own announcement; looks as well, for one that got lost."""

    def __init__(self, redis: Redis, store: PlanStore, feed: Feed) -> None:
        self._redis = redis
        self._store = store
        self._feed = feed

    async def run(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANGED)
                    while True:
                        await self._tell()
                        await channel.get_message(ignore_subscribe_messages=True, timeout=_LOOK_S)
            except (RedisError, OSError):
                await asyncio.sleep(1.0)

    async def _tell(self) -> None:
        revision = await self._store.revision()
        if revision != self._feed.live_state.revision:
            await self._feed.apply(Notice("plan", msgspec.Raw(encode(Plan(revision)))))
