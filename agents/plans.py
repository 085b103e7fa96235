"""The plan a call keeps from its first moment to its last, whatever is applied meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol

import structlog
from redis.exceptions import RedisError

from agents.speech.intents.intents import IntentFileError, IntentSet, common_intents, parse_intents
from dialplans.engine.compiled import CompiledPlan
from dialplans.language.load import Loaded, load
from dialplans.model import Dialplan

log = structlog.get_logger(__name__)


class NoPlanError(Exception):
    """There is no usable plan, neither in Redis nor on the disk."""


@dataclass(frozen=True)
class PinnedPlan:
    """A plan with the texts of its prompts and intents, under the revision it goes by."""

    plan: Dialplan
    revision: str
    files: dict[str, str]
    folder: Path = Path()
    """Where the sound files lie that the plan names."""

    @cached_property
    def compiled(self) -> CompiledPlan:
        """Ready for calls; the work is done once a process, as the plan is kept."""
        return CompiledPlan(self.plan, self.revision)

    def prompt(self, persona: str) -> str:
        name = self.plan.personas[persona].prompt
        return self.files.get(name, "") if name else ""

    def intents(self, persona: str) -> IntentSet:
        """What a persona understands without a cloud model; the common intents at least."""
        name = self.plan.personas[persona].intents
        if name is None or name not in self.files:
            return usual_intents()
        return _intents(self.files[name], name)


@cache
def _intents(text: str, name: str) -> IntentSet:
    """Parsed once a process: it costs a fifth of a second, which no caller should wait for."""
    try:
        return parse_intents(text, name)
    except IntentFileError as error:
        log.error("plan.intents_unusable", file=name, problems=error.problems)
        return usual_intents()


@cache
def usual_intents() -> IntentSet:
    """What every persona understands."""
    return common_intents()


class Store(Protocol):
    """`dialplans.revisions.store.PlanStore`, as far as a job needs it."""

    async def revision(self) -> str | None: ...

    async def get(self, revision: str) -> Loaded | None: ...


class Plans:
    """Plans by revision, each loaded once a process. Redis says which one is current; without
    Redis, or before anybody applied one, it is the file on the disk."""

    def __init__(self, store: Store | None, file: Path) -> None:
        self._store = store
        self._file = file
        self._known: dict[str, PinnedPlan] = {}
        self._disk: tuple[int, PinnedPlan] | None = None

    def use(self, store: Store) -> None:
        self._store = store

    def read_ahead(self) -> None:
        """Reads the file before anybody calls, so that no caller waits for it."""
        try:
            pinned = self._from_disk()
            for persona in pinned.plan.personas:
                pinned.intents(persona)
        except (NoPlanError, OSError) as error:
            log.warning("plan.no_file", reason=str(error)[:500])

    async def pin(self, revision: str = "") -> PinnedPlan:
        """The plan of that revision, or the current one. Raises NoPlanError."""
        if self._store is not None:
            try:
                return await asyncio.wait_for(self._stored(self._store, revision), timeout=0.5)
            except (RedisError, OSError, TimeoutError, LookupError) as error:
                log.warning("plan.from_disk", reason=repr(error))
        return await asyncio.to_thread(self._from_disk)

    async def _stored(self, store: Store, revision: str) -> PinnedPlan:
        wanted = revision or await store.revision()
        if wanted is None:
            raise LookupError("nothing was applied yet")
        if wanted not in self._known:
            loaded = await store.get(wanted)
            if loaded is None:
                raise LookupError(wanted)
            self._keep(loaded)
        return self._known[wanted]

    def _from_disk(self) -> PinnedPlan:
        changed = self._file.stat().st_mtime_ns
        if self._disk is None or self._disk[0] != changed:
            loaded = load(self._file)
            if not loaded.valid:
                raise NoPlanError(loaded.report())
            self._disk = (changed, self._keep(loaded))
        return self._disk[1]

    def _keep(self, loaded: Loaded) -> PinnedPlan:
        if loaded.plan is None:
            raise NoPlanError(loaded.report())
        pinned = PinnedPlan(loaded.plan, loaded.revision, dict(loaded.files), self._file.parent)
        self._known[loaded.revision] = pinned
        return pinned
