"""Whatever any gateway committed or announced reaches this one's feed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from dialplans.contracts import events as ev
from gateway.live.feed import Feed
from gateway.live.pubsub import CHANNEL, decode
from gateway.live.tiles import WINDOW
from gateway.records.search import Query, Search
from gateway.records.store import Records

log = structlog.get_logger(__name__)

_SILENCE_S = 3.0


class Subscriber:
    def __init__(self, redis: Redis, feed: Feed, records: Records) -> None:
        self._redis = redis
        self._feed = feed
        self._records = records
        self.following = asyncio.Event()

    async def load(self, search: Search) -> None:
        """The live state as the table has it; called once, before anybody looks."""
        live_state = self._feed.live_state
        live_state.head = await self._records.head()
        for call in await self._records.live():
            live_state.update(call)
        since = datetime.now(UTC) - 2 * WINDOW
        async for call in search.every(Query(since=since), numbers=True):
            live_state.update(call)
        for entry in await self._records.since(max(live_state.head - 2000, 0), 2000):
            if isinstance(entry.event, ev.Turn) and entry.event.at > since + timedelta(hours=1):
                live_state.gap(entry.event)

    async def run(self) -> None:
        """Until cancelled. After a break in the line the table fills the hole."""
        while True:
            try:
                await self._follow()
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("tail.waiting", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _follow(self) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL)
            await self._feed.catch_up()
            self.following.set()
            while True:
                message = await pubsub.get_message(
                    ignore_subscribe_messages=True, timeout=_SILENCE_S
                )
                if message is None:
                    await self._feed.catch_up()
                    continue
                try:
                    await self._feed.apply(decode(message["data"]))
                except msgspec.MsgspecError as error:
                    log.error("tail.unreadable", error=str(error))
