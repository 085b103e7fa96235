"""Redis forgets: the stream of events by age, what was put aside, and the file that holds both."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from dialplans.contracts import events as ev
from dialplans.contracts.jobs import FORGET, RETENTION
from gateway.records.consumer import REJECTED, REJECTED_AT
from gateway.records.retention import Forgotten

log = structlog.get_logger(__name__)

AT_LEAST_EVERY_S = 86_400.0
"""Redis appends every write, also what it overwrites or deletes a moment later, to its file: all
of that is in it until it is written anew."""
REWRITTEN_WITHIN_S = 120.0


class NotRewrittenError(RedisError):
    """Redis did not write its file anew."""


class Stream:
    name = "stream"

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._rewritten_at: float | None = None

    async def forget(self, before: datetime) -> int:
        """How many events. Workers are told, too, to forget what they keep themselves."""
        await self._redis.publish(FORGET, before.isoformat())
        oldest = f"{int(before.timestamp() * 1000)}-0"
        gone = int(await self._redis.xtrim(ev.STREAM, minid=oldest, approximate=False))
        gone += await self._forget_rejected(before)
        since = time.monotonic() - (self._rewritten_at or 0.0)
        if gone or self._rewritten_at is None or since > AT_LEAST_EVERY_S:
            await self._rewrite()
            self._rewritten_at = time.monotonic()
        return gone

    async def _forget_rejected(self, before: datetime) -> int:
        """The oldest are last. What an older version put aside has no time, and goes at once."""
        gone = 0
        while True:
            count, times = await self._lengths()
            last: Any = await self._redis.lindex(REJECTED_AT, -1) if times else None
            if not count or (times >= count and float(last or 0) >= before.timestamp()):
                return gone
            async with self._redis.pipeline(transaction=True) as both:
                both.rpop(REJECTED)
                if times >= count:
                    both.rpop(REJECTED_AT)
                await both.execute()
            gone += 1

    async def _lengths(self) -> tuple[int, int]:
        length: Any = self._redis.llen
        return int(await length(REJECTED)), int(await length(REJECTED_AT))

    async def _rewrite(self) -> None:
        """The append-only file, or where there is none the snapshot. A Redis that somebody else
        runs may not allow it; then its file is theirs to look after."""
        state = await self._state()
        if state.get("aof_enabled"):
            await self._begin(self._redis.bgrewriteaof)
            await self._until_done("aof_rewrite_in_progress", "aof_rewrite_scheduled")
            good = (await self._state()).get("aof_last_bgrewrite_status")
        elif await self._saves():
            await self._begin(self._redis.bgsave)
            await self._until_done("rdb_bgsave_in_progress")
            good = (await self._state()).get("rdb_last_bgsave_status")
        else:
            return
        if good != "ok":
            raise NotRewrittenError(f"redis says: {good}")

    async def _begin(self, command: Any) -> None:
        try:
            await command()
        except ResponseError as error:
            if "in progress" not in str(error):
                raise

    async def _saves(self) -> bool:
        try:
            found = await self._redis.config_get("save")
        except ResponseError:  # not for everybody
            return False
        return bool(found.get("save"))

    async def _until_done(self, *flags: str) -> None:
        async with asyncio.timeout(REWRITTEN_WITHIN_S):
            while True:
                state = await self._state()
                if not any(state.get(flag) for flag in flags):
                    return
                await asyncio.sleep(0.1)

    async def _state(self) -> dict[str, Any]:
        found: dict[str, Any] = await self._redis.info("persistence")
        return found

    async def tell(self, forgotten: Forgotten) -> None:
        """For `switchboard status`, whichever gateway it was."""
        await self._redis.set(RETENTION, msgspec.json.encode(forgotten))
