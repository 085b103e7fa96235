"""The plan that calls begin with now: from Redis, or from the file while Redis has none."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import msgspec
from redis.asyncio import Redis

from dialplans.engine.compiled import CompiledPlan
from dialplans.language.load import Loaded, load
from dialplans.model import Dialplan, is_internal
from dialplans.revisions.store import PlanStore
from dialplans.speech.voices import EVERY, IN_FORCE, Voices
from gateway.records.call import Call

_FILE_S = 1.0

_SERVERS_ID = "ST_"
"""What LiveKit's ids of trunks begin with; the leg records a call's trunk by it."""


def named(trunk: str | None) -> str | None:
    """The trunk if it is recorded by its name in the plan."""
    return None if trunk is None or trunk.startswith(_SERVERS_ID) else trunk


class WebNumber(msgspec.Struct, frozen=True):
    """An entrance from the web, as the page shows it."""

    number: str
    language: str
    name: str


class CurrentPlan:
    def __init__(self, redis: Redis, path: Path) -> None:
        self.store = PlanStore(redis)
        self._redis = redis
        self.path = path
        self._web: tuple[str, list[WebNumber]] = ("", [])
        self._file: tuple[float, Loaded] | None = None
        self._compiled: CompiledPlan | None = None

    async def loaded(self) -> Loaded:
        """One read of Redis: the store keeps the plans that it has built. The file, which is all
        there is before the first plan was stored, is looked at again after a moment."""
        current = await self.store.current()
        if current is not None:
            return current
        now = time.monotonic()
        if self._file is None or now - self._file[0] > _FILE_S:
            self._file = (now, await self.from_file())
        return self._file[1]

    async def at(self, revision: str | None) -> Loaded:
        """That revision, from memory once it was built; without one, or with one that is gone, the
        plan in force."""
        found = await self.store.get(revision) if revision else None
        return found or await self.loaded()

    async def compiled(self, revision: str | None) -> CompiledPlan | None:
        """The same, ready for calls; None if there is no plan."""
        loaded = await self.at(revision)
        if loaded.plan is None:
            return None
        if self._compiled is None or self._compiled.plan is not loaded.plan:
            self._compiled = CompiledPlan(loaded.plan, loaded.revision)
        return self._compiled

    async def voices(self) -> Voices:
        """What the workers' machines speak; where none has said so yet nothing is held to be
        missing."""
        told = await self._redis.get(IN_FORCE)
        return msgspec.json.decode(told, type=Voices) if told else EVERY

    async def from_file(self) -> Loaded:
        return await asyncio.to_thread(load, self.path)

    async def trunk_of(self, call: Call) -> str | None:
        """By its name in the plan, which is what people know: that of the number that was called,
        where the record has no more than LiveKit's id."""
        if call.trunk is None or named(call.trunk) is not None:
            return call.trunk
        plan = (await self.loaded()).plan
        number = plan.numbers.get(call.called) if plan is not None else None
        return (number.trunk if number is not None else None) or call.trunk

    async def web_numbers(self) -> list[WebNumber]:
        """Numbers without a trunk: nobody reaches them by telephone."""
        loaded = await self.loaded()
        if loaded.plan is None:
            return []
        if self._web[0] != loaded.revision:
            self._web = (loaded.revision, _from_the_web(loaded.plan))
        return self._web[1]


def _from_the_web(plan: Dialplan) -> list[WebNumber]:
    return [
        WebNumber(name, plan.language_of(name), number.label or name)
        for name, number in plan.numbers.items()
        if number.trunk is None and not is_internal(name)
    ]
