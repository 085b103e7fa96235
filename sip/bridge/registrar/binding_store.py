"""Where telephones are, in Redis, so that a leg that starts again can ring them."""

from __future__ import annotations

import asyncio

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.contracts.jobs import TELEPHONE_PLACES as KEY
from dialplans.process.background import end
from sip.bridge.registrar.bindings import Binding

log = structlog.get_logger()

AGAIN_S = 1.0

Bindings = tuple[Binding, ...]
UNREADABLE = (RedisError, OSError, ValueError, msgspec.MsgspecError)


class BindingStore:
    """`put` returns at once: a telephone does not wait for Redis, and Redis may be away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._dirty: dict[str, Bindings] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> dict[str, Bindings]:
        """What is known from before."""
        found: dict[str, Bindings] = {}
        try:
            stored = await self._redis.hgetall(KEY)
            for name, written in stored.items():
                written_name = name if isinstance(name, str) else name.decode()
                found[written_name] = msgspec.json.decode(written, type=Bindings)
        except UNREADABLE as error:
            log.warning("telephone.bindings_not_read", error=str(error))
        self._task = asyncio.create_task(self._write())
        return found

    async def get(self, name: str) -> Bindings:
        """What any leg has written; nothing where Redis is away."""
        try:
            written = await self._redis.hget(KEY, name)
            return msgspec.json.decode(written, type=Bindings) if written else ()
        except UNREADABLE as error:
            log.warning("telephone.bindings_not_read", error=str(error))
            return ()

    async def aclose(self) -> None:
        await end(self._task)
        try:
            async with asyncio.timeout(AGAIN_S):
                await self._put_all()
        except (RedisError, OSError, TimeoutError):
            log.warning("telephone.bindings_not_written", telephones=sorted(self._dirty))

    def put(self, name: str, bindings: Bindings) -> None:
        self._dirty[name] = bindings
        self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._put_all()
            except (RedisError, OSError):
                self._wake.set()
                await asyncio.sleep(AGAIN_S)

    async def _put_all(self) -> None:
        while self._dirty:
            name, bindings = next(iter(self._dirty.items()))
            if bindings:
                await self._redis.hset(KEY, name, msgspec.json.encode(bindings))
            else:
                await self._redis.hdel(KEY, name)
            if self._dirty.get(name) is bindings:
                del self._dirty[name]
