"""The plan that calls begin with now: from Redis, or from the file while Redis has none."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from redis.asyncio import Redis

from dialplans.load import Loaded, load
from dialplans.store import PlanStore


class WebNumber(msgspec.Struct, frozen=True):
    """An entrance from the web, as the page shows it."""

    number: str
    language: str
    name: str


class CurrentPlan:
    def __init__(self, redis: Redis, path: Path) -> None:
        self.store = PlanStore(redis)
        self.path = path

    async def loaded(self) -> Loaded:
        return await self.store.current() or await self.from_file()

    async def from_file(self) -> Loaded:
        return await asyncio.to_thread(load, self.path)

    async def web_numbers(self) -> list[WebNumber]:
        """Numbers without a trunk: nobody reaches them by telephone."""
        plan = (await self.loaded()).plan
        if plan is None:
            return []
        return [
            WebNumber(name, plan.language_of(name), number.label or name)
            for name, number in plan.numbers.items()
            if number.trunk is None
        ]
