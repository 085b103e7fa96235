"""Putting a plan in force, safely: nothing changes unless everything that can be checked first is
right, and what is in force is always one whole revision."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec
import structlog

from dialplans.language.load import Loaded
from dialplans.revisions.store import UnknownRevisionError
from gateway.errors import Problem
from gateway.routing.current import CurrentPlan
from gateway.routing.drafts import load_files, problems_of
from gateway.routing.schemas import Applied, File, StepDone
from gateway.storage.audit import Audit
from sip.apply import apply
from sip.client import LiveKitObjects, ProvisioningError, connect
from sip.credentials import MissingSecretsError
from sip.follow import rendering_of
from sip.objects import Existing, prefix_of
from sip.plan import Plan
from sip.plan import make_plan as make
from sip.render import render

log = structlog.get_logger(__name__)

FOLLOWED_WITHIN_S = 3.0
"""`python -m sip` carries a new revision out; where none runs, the gateway does after this."""


class Deployment:
    def __init__(self, plan: CurrentPlan, audit: Audit, environment: Mapping[str, str]) -> None:
        self._plan = plan
        self._audit = audit
        self._environment = environment
        self._turn = asyncio.Lock()
        self.followed_within_s = FOLLOWED_WITHIN_S

    async def apply(self, files: Sequence[File], base: str | None, who: str) -> Applied:
        async with self._turn:
            store = self._plan.store
            if await store.revision() != base:
                raise Problem("stale_revision", "Somebody applied another plan; compare again.")
            loaded = await asyncio.to_thread(load_files, files)
            if not loaded.valid:
                raise Problem("plan_invalid", problems=msgspec.to_builtins(problems_of(loaded)))
            steps = await self._look(loaded)
            with _written_beside(self._plan.path, files) as written:
                await store.see_in_file(loaded.revision)
                await store.note_written(loaded.revision, written.saved_ns)
                revision = await store.put(loaded, who)
                written.put_in_place()
        await self._audit.write(who, "dialplan.apply", detail={"revision": revision})
        return Applied(revision, await self._provision(loaded, steps))

    async def roll_back(self, revision: str, who: str) -> Applied:
        """The file on the disk stays as it is; it comes in force again when somebody edits it."""
        store = self._plan.store
        async with self._turn:
            try:
                now = await store.rollback(revision, who)
            except UnknownRevisionError as error:
                raise Problem("not_found", "There is no such revision.") from error
        await self._audit.write(who, "dialplan.rollback", detail={"revision": now})
        loaded = await store.get(now)
        return Applied(now, await self._provision(loaded, []) if loaded else [])

    async def _look(self, loaded: Loaded) -> list[str]:
        """What LiveKit would be told; raises a Problem where that cannot work."""
        with _as_problems():
            async with self._objects() as objects:
                plan, _ = await self._intended(loaded, objects)
        if plan.conflicts:
            raise Problem("conflict", "; ".join(plan.conflicts))
        if plan.sweeping:
            raise Problem(
                "conflict",
                f"{plan.touched} of {plan.existing} objects at LiveKit would be touched; if that "
                "is meant, use `switchboard apply --force`.",
            )
        return [f"{step.action} {step.kind} {step.name}" for step in plan.steps]

    async def _provision(self, loaded: Loaded, expected: list[str]) -> list[StepDone]:
        """The plan is in force already; if LiveKit cannot be told now, the follower goes on trying
        and the answer says so."""
        try:
            with _as_problems():
                async with self._objects() as objects:
                    if not await self._followed(loaded, objects):
                        plan, there = await self._intended(loaded, objects)
                        expected = [f"{s.action} {s.kind} {s.name}" for s in plan.steps]
                        async for step in apply(plan, objects, there):
                            log.info("plan.step", action=step.action, name=step.name)
        except Problem as problem:
            return [StepDone(what="LiveKit", ok=False, detail=problem.detail)]
        return _done(expected) or [StepDone(what="LiveKit", ok=True, detail="nothing to change")]

    async def _followed(self, loaded: Loaded, objects: LiveKitObjects) -> bool:
        clock = asyncio.get_running_loop()
        until = clock.time() + self.followed_within_s
        while clock.time() < until:
            plan, _ = await self._intended(loaded, objects)
            if not plan.steps:
                return True
            await asyncio.sleep(0.25)
        return False

    async def _intended(
        self, loaded: Loaded, objects: LiveKitObjects
    ) -> tuple[Plan, list[Existing]]:
        assert loaded.plan is not None
        rendering = rendering_of(self._environment)
        there = await objects.fetch()
        return make(render(loaded.plan, rendering), there, prefix_of(rendering.plan_name)), there

    @contextlib.asynccontextmanager
    async def _objects(self) -> AsyncIterator[LiveKitObjects]:
        async with connect(self._environment) as objects:
            yield objects


def _done(steps: Sequence[str]) -> list[StepDone]:
    return [StepDone(what=step, ok=True) for step in steps]


@contextlib.contextmanager
def _as_problems() -> Iterator[None]:
    try:
        yield
    except MissingSecretsError as error:
        raise Problem("conflict", "; ".join(error.problems)) from error
    except (ProvisioningError, aiohttp.ClientError, TimeoutError) as error:
        raise Problem("livekit_unreachable", str(error)) from error


@dataclass(frozen=True)
class Written:
    """Files that lie beside those which they will replace."""

    waiting: Sequence[tuple[Path, Path]]

    @property
    def saved_ns(self) -> int:
        """As `dialplans.revisions.watch.saved_at` will find it."""
        return max((beside.stat().st_mtime_ns for beside, _ in self.waiting), default=0)

    def put_in_place(self) -> None:
        for beside, target in self.waiting:
            os.replace(beside, target)


@contextlib.contextmanager
def _written_beside(main: Path, files: Sequence[File]) -> Iterator[Written]:
    """All texts are on the disk before anything is replaced, so that a full or read-only disk
    changes nothing."""
    folder = main.parent
    waiting: list[tuple[Path, Path]] = []
    try:
        try:
            for number, file in enumerate(files):
                target = main if number == 0 else folder / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
                beside.write_text(file.text, encoding="utf-8")
                waiting.append((beside, target))
        except OSError as error:
            raise Problem("conflict", f"The plan's file cannot be written: {error}") from error
        yield Written(waiting)
    finally:
        for beside, _ in waiting:
            beside.unlink(missing_ok=True)
