"""The plan that calls begin with now: from Redis, or from the file while Redis has none."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import msgspec
from redis.asyncio import Redis

from dialplans.load import Loaded, load
from dialplans.model import Dialplan
from dialplans.store import PlanStore

_FILE_S = 1.0


class WebNumber(msgspec.Struct, frozen=True):
    """An entrance from the web, as the page shows it."""

    number: str
    language: str
    name: str


class CurrentPlan:
    def __init__(self, redis: Redis, path: Path) -> None:
        self.store = PlanStore(redis)
        self.path = path
        self._web: tuple[str, list[WebNumber]] = ("", [])
        self._file: tuple[float, Loaded] | None = None

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

    async def from_file(self) -> Loaded:
        return await asyncio.to_thread(load, self.path)

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
        if number.trunk is None
    ]
