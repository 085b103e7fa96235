"""Keeps LiveKit's trunks and rules in step with the plan that is in force.

Two things at once: what a person saves in the dialplan's file becomes a revision
(`dialplans.revisions.watch`), and every new revision, from the file, the console or a rollback, is
carried out on the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.process.background import end
from dialplans.revisions.store import CHANGED, PlanStore
from dialplans.revisions.watch import watch
from sip.apply import apply
from sip.client import ProvisioningError, SipObjects
from sip.credentials import MissingSecretsError
from sip.objects import prefix_of
from sip.plan import make_plan
from sip.render import Rendering, render
from sip.show import as_text

log = structlog.get_logger(__name__)

LOOK_S = 5.0
"""The announcement of a revision may be lost while Redis restarts, so it is also looked for."""
RETRY_S = 1.0


class Follower:
    """`in_step` is set while the server has what the current revision asks for."""

    def __init__(self, redis: Redis, objects: SipObjects, rendering: Rendering) -> None:
        self.in_step = asyncio.Event()
        self._redis = redis
        self._store = PlanStore(redis)
        self._objects = objects
        self._rendering = rendering
        self._done: str | None = None

    async def run(self, file: Path, stop: asyncio.Event) -> None:
        watching = asyncio.create_task(watch(self._store, file, stop))
        try:
            while not stop.is_set():
                pause = LOOK_S if await self._catch_up() else RETRY_S
                await self._wait(pause, stop)
        finally:
            stop.set()
            await end(watching)

    async def _catch_up(self) -> bool:
        """Whether there is nothing to try again soon."""
        try:
            revision = await self._store.revision()
            if revision is None:
                return False
            if revision == self._done:
                return True
            self.in_step.clear()
            if await self._carry_out(revision):
                self.in_step.set()
            self._done = revision
        except (RedisError, OSError, ProvisioningError) as error:
            log.warning("plan.not_provisioned", error=str(error))
            return False
        return True

    async def _carry_out(self, revision: str) -> bool:
        """False when a person has to do something first; trying again would not help."""
        loaded = await self._store.get(revision)
        if loaded is None or loaded.plan is None:
            log.error("plan.unreadable", revision=revision)
            return False
        try:
            wanted = render(loaded.plan, self._rendering)
        except MissingSecretsError as error:
            log.error("plan.secrets_missing", revision=revision, problems=error.problems)
            return False
        there = await self._objects.fetch()
        plan = make_plan(wanted, there, prefix_of(self._rendering.plan_name))
        for warning in plan.warnings:
            log.warning("plan.open_door", warning=warning)
        if plan.conflicts:
            log.error("plan.conflicts", revision=revision, problems=list(plan.conflicts))
            return False
        if plan.sweeping:
            log.error(
                "plan.sweeping",
                revision=revision,
                touched=plan.touched,
                existing=plan.existing,
                hint="look with `switchboard plan`, then `switchboard apply --force`",
            )
            return False
        async for step in apply(plan, self._objects, there):
            log.info("plan.step", action=step.action, kind=step.kind, name=step.name)
        log.info("plan.in_step", revision=revision, summary=as_text(plan).splitlines()[-1])
        return True

    async def _wait(self, pause: float, stop: asyncio.Event) -> None:
        """Until a revision is announced, `stop` is set, or the pause is over."""
        try:
            async with self._redis.pubsub() as channel:
                await channel.subscribe(CHANGED)
                if await self._store.revision() not in (self._done, None):
                    return
                heard = asyncio.create_task(_announced(channel))
                stopped = asyncio.create_task(stop.wait())
                await asyncio.wait(
                    {heard, stopped}, timeout=pause, return_when=asyncio.FIRST_COMPLETED
                )
                await end(heard, stopped)
        except (RedisError, OSError):
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_S)


async def _announced(channel: object) -> None:
    async for message in channel.listen():  # type: ignore[attr-defined]
        if message["type"] == "message":
            return


def rendering_of(env: Mapping[str, str]) -> Rendering:
    return Rendering(env.get("SWITCHBOARD_PLAN_NAME", "main"), env)
