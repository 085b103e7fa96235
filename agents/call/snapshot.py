"""What a new job must know to go on where a dead one stopped, kept in Redis during the call."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.contracts.jobs import KEPT_S, snapshot_key
from dialplans.process.background import end

log = structlog.get_logger(__name__)


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """`place` is where the call stands in the plan, as `persona billing` or `menu main`; `chat` is
    LiveKit's `ChatContext.to_dict()`. Sealed digits are never in it: they are in no chat."""

    place: str
    language: str
    revision: str = ""
    chat: dict[str, Any] = {}
    customer: str | None = None
    customer_name: str = ""
    facts: list[str] = []
    path: list[str] = []
    heard: list[str] = []
    paused_by: str | None = None
    paused_role: str = ""
    began: float = 0.0
    consent: str = ""


class Snapshots:
    """Saves at most every `every` seconds, the newest state last; Redis away is only logged."""

    def __init__(self, redis: Redis, call: str, *, every: float = 0.2) -> None:
        self._redis = redis
        self._key = snapshot_key(call)
        self._every = every
        self._latest: Snapshot | None = None
        self._task: asyncio.Task[None] | None = None

    def save(self, snapshot: Snapshot) -> None:
        self._latest = snapshot
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(), name="snapshot")

    async def _write(self) -> None:
        while (snapshot := self._latest) is not None:
            self._latest = None
            try:
                await self._redis.set(self._key, msgspec.json.encode(snapshot), ex=KEPT_S)
            except (RedisError, OSError) as error:
                log.warning("snapshot.not_saved", error=repr(error))
            await asyncio.sleep(self._every)

    async def load(self) -> Snapshot | None:
        try:
            raw = await self._redis.get(self._key)
        except (RedisError, OSError) as error:
            log.warning("snapshot.not_read", error=repr(error))
            return None
        if raw is None:
            return None
        try:
            return msgspec.json.decode(raw, type=Snapshot)
        except msgspec.MsgspecError as error:
            log.warning("snapshot.unreadable", error=repr(error))
            return None

    async def forget(self) -> None:
        """The call is over and nothing will resume it."""
        if self._task is not None:
            await end(self._task)
        try:
            await self._redis.delete(self._key)
        except (RedisError, OSError) as error:
            log.warning("snapshot.not_deleted", error=repr(error))
