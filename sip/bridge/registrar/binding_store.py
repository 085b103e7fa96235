"""Where telephones are, in Redis, for a leg that starts again and for all others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, WatchError

from dialplans.contracts.jobs import TELEPHONE_PLACES as KEY
from dialplans.process.background import end
from sip.bridge.registrar.bindings import Binding

log = structlog.get_logger()

AGAIN_S = 1.0

Bindings = tuple[Binding, ...]
Key = tuple[str, str, int]
"""What makes a place of a telephone the same: `Binding.key`."""
UNREADABLE = (RedisError, OSError, ValueError, msgspec.MsgspecError)


@dataclass(frozen=True)
class Gone:
    """`leg` is where it was: one that has gone to another leg is not taken from there. Nothing
    where it is gone wherever it was."""

    leg: str = ""


Changes = dict[Key, Binding | Gone]


class BindingStore:
    """`put` returns at once: a telephone does not wait for Redis, and Redis may be away. Written is
    what has changed, in what is there then: another leg may have heard from the same telephone."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._dirty: dict[str, Changes] = {}
        self._put_so_far = 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> dict[str, Bindings]:
        """What is known from before."""
        found = await self.read()
        self._task = asyncio.create_task(self._write())
        return found or {}

    async def read(self) -> dict[str, Bindings] | None:
        """What any leg has written, by name, with what this one has still to write; None where
        Redis is away, or where this leg has meanwhile heard more."""
        so_far = self._put_so_far
        try:
            stored = await self._redis.hgetall(KEY)
            found = {_text(name): _bindings(written) for name, written in stored.items()}
        except UNREADABLE as error:
            log.warning("telephone.bindings_not_read", error=str(error))
            return None
        if so_far != self._put_so_far:
            return None
        for name, changes in self._dirty.items():
            found[name] = changed(found.get(name, ()), changes)
        return found

    async def get(self, name: str) -> Bindings | None:
        """The same of one telephone."""
        so_far = self._put_so_far
        try:
            stored = _bindings(await self._redis.hget(KEY, name))
        except UNREADABLE as error:
            log.warning("telephone.bindings_not_read", error=str(error))
            return None
        if so_far != self._put_so_far:
            return None
        return changed(stored, self._dirty.get(name, {}))

    async def aclose(self) -> None:
        await end(self._task)
        try:
            async with asyncio.timeout(AGAIN_S):
                await self._put_all()
        except (RedisError, OSError, TimeoutError):
            log.warning("telephone.bindings_not_written", telephones=sorted(self._dirty))

    def put(self, name: str, before: Bindings, after: Bindings, *, leg: str = "") -> None:
        """Of these two only what is no longer there, or is another, is written. `leg` is whose
        connection has ended, where that is why."""
        self._put_so_far += 1
        changes = self._dirty.setdefault(name, {})
        there = {binding.key for binding in after}
        changes |= {binding.key: Gone(leg) for binding in before if binding.key not in there}
        changes |= {binding.key: binding for binding in after if binding not in before}
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
            name, changes = next(iter(self._dirty.items()))
            writing = dict(changes)
            await self._put(name, writing)
            for key, change in writing.items():
                if changes.get(key) is change:
                    del changes[key]
            if not changes:
                del self._dirty[name]

    async def _put(self, name: str, changes: Changes) -> None:
        async with self._redis.pipeline() as pipe:
            while True:
                try:
                    await pipe.watch(KEY)
                    after = changed(_readable(await pipe.hget(KEY, name)), changes)
                    pipe.multi()  # type: ignore[no-untyped-call]
                    if after:
                        pipe.hset(KEY, name, msgspec.json.encode(after))
                    else:
                        pipe.hdel(KEY, name)
                    await pipe.execute()
                except WatchError:
                    continue  # another leg was faster
                return


def changed(known: Bindings, changes: Changes) -> Bindings:
    places: dict[Key, Binding] = {binding.key: binding for binding in known}
    for key, change in changes.items():
        if isinstance(change, Binding):
            places[key] = change
        elif key in places and change.leg in ("", places[key].leg):
            del places[key]
    return tuple(places.values())


def _readable(written: bytes | str | None) -> Bindings:
    """What nobody can read is written over."""
    try:
        return _bindings(written)
    except (ValueError, msgspec.MsgspecError):
        return ()


def _bindings(written: bytes | str | None) -> Bindings:
    return msgspec.json.decode(written, type=Bindings) if written else ()


def _text(written: bytes | str) -> str:
    return written if isinstance(written, str) else written.decode()
