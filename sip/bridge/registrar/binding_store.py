"""Where telephones are, in Redis, for a leg that starts again and for all others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.process.background import end
from sip.bridge.registrar.bindings import LONGEST_S, Binding

log = structlog.get_logger()

KEY = "switchboard:telephone"
"""A hash for each telephone, a field for each of its places: of two legs that hear from one
telephone at the same moment neither overwrites what the other has heard."""
AGAIN_S = 1.0

Bindings = tuple[Binding, ...]
Changed = tuple[str, str]
"""A telephone, and a field of its hash."""
# Only while it is still at this leg: a telephone that has gone to another is not taken from there.
_LEFT = """
local written = redis.call('HGET', KEYS[1], ARGV[1])
if written and (ARGV[2] == '' or cjson.decode(written)['leg'] == ARGV[2]) then
  return redis.call('HDEL', KEYS[1], ARGV[1])
end
return 0
"""
UNREADABLE = (RedisError, OSError, ValueError, msgspec.MsgspecError)


@dataclass(frozen=True)
class Gone:
    """`leg` is the one where it was; nothing where it is gone wherever it was."""

    leg: str = ""


class BindingStore:
    """`put` returns at once: a telephone does not wait for Redis, and Redis may be away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._left = redis.register_script(_LEFT)
        self._dirty: dict[Changed, Binding | Gone] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> dict[str, Bindings]:
        """What is known from before."""
        found: dict[str, Bindings] = {}
        try:
            async for key in self._redis.scan_iter(f"{KEY}:*", count=1000):
                name = _text(key).removeprefix(f"{KEY}:")
                found[name] = await self._read(name)
        except UNREADABLE as error:
            log.warning("telephone.bindings_not_read", error=str(error))
        self._task = asyncio.create_task(self._write())
        return found

    async def get(self, names: Iterable[str]) -> dict[str, Bindings]:
        """What any leg has written, by name, and what this one has still to write; empty where
        Redis is away."""
        try:
            return {name: await self._read(name) for name in names}
        except UNREADABLE as error:
            log.warning("telephone.bindings_not_read", error=str(error))
            return {}

    async def aclose(self) -> None:
        await end(self._task)
        try:
            async with asyncio.timeout(AGAIN_S):
                await self._put_all()
        except (RedisError, OSError, TimeoutError):
            names = sorted({name for name, _ in self._dirty})
            log.warning("telephone.bindings_not_written", telephones=names)

    def put(self, name: str, before: Bindings, after: Bindings, *, leg: str = "") -> None:
        """Of these two only what is no longer there, or is another, is written. `leg` is whose
        connection has ended, where that is why."""
        kept = {_field(binding): binding for binding in after}
        for binding in before:
            if _field(binding) not in kept:
                self._dirty[name, _field(binding)] = Gone(leg)
        for field, binding in kept.items():
            if binding not in before:
                self._dirty[name, field] = binding
        self._wake.set()

    async def _read(self, name: str) -> Bindings:
        stored = await self._redis.hgetall(f"{KEY}:{name}")
        known: dict[str, Binding | Gone] = {
            _text(field): msgspec.json.decode(written, type=Binding)
            for field, written in stored.items()
        }
        known |= {field: each for (whose, field), each in self._dirty.items() if whose == name}
        return tuple(each for each in known.values() if isinstance(each, Binding))

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
            (name, field), binding = next(iter(self._dirty.items()))
            key = f"{KEY}:{name}"
            if isinstance(binding, Gone):
                await self._left(keys=[key], args=[field, binding.leg])
            else:
                async with self._redis.pipeline() as pipe:
                    pipe.hset(key, field, msgspec.json.encode(binding))
                    pipe.expire(key, LONGEST_S + 60)
                    await pipe.execute()
            if self._dirty.get((name, field)) is binding:
                del self._dirty[name, field]


def _field(binding: Binding) -> str:
    user, host, port = binding.key
    return f"{user}@{host}:{port}"


def _text(written: bytes | str) -> str:
    return written if isinstance(written, str) else written.decode()
