"""Drafts on the real engine: problems, explanations, tests, pictures, and past calls replayed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, TypeVar

import msgspec
from sqlalchemy import select

from dialplans.analysis.calendar import calendar
from dialplans.analysis.diff import PastCall, diff
from dialplans.analysis.explain import explain
from dialplans.analysis.graph import graph
from dialplans.analysis.plan_tests import run_tests
from dialplans.analysis.walk import instant
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.received import received
from dialplans.language.bundle import pack
from dialplans.language.load import Loaded, load_text
from dialplans.language.unspoken_languages import with_voices
from dialplans.model import Dialplan
from dialplans.model.values.times import BeyondCalendarError
from dialplans.telephony.call import CallContext
from gateway.errors import Problem
from gateway.records import fold
from gateway.routing.current import CurrentPlan, named
from gateway.routing.schemas import (
    CalendarPage,
    CalendarWish,
    Checked,
    Compared,
    Drawn,
    Explained,
    ExplainWish,
    File,
    PlanProblem,
    Tested,
)
from gateway.storage.database import Database
from gateway.storage.tables import call

REPLAYED = 5000

T = TypeVar("T")
_state = msgspec.json.Decoder(fold.State)


def files_of(loaded: Loaded) -> list[File]:
    """The plan first, then whatever it is made of."""
    bundle = pack(loaded)
    rest = sorted(name for name in bundle.files if name != bundle.main)
    return [File(name, bundle.files[name]) for name in (bundle.main, *rest) if name in bundle.files]


def problems_of(loaded: Loaded) -> list[PlanProblem]:
    return [msgspec.convert(p.as_json(), PlanProblem) for p in loaded.problems]


def load_files(files: Sequence[File]) -> Loaded:
    """Reads nothing from the disk, whatever the draft names."""
    main = files[0]
    others = {str(PurePosixPath(f.path)): f.text for f in files}
    return load_text(main.text, main.path, others)


def as_sent(plan: Dialplan, wish: ExplainWish) -> CallContext:
    """The numbers may be written as people and carriers write them."""
    return received(plan, CallContext(wish.called, wish.caller, headers=wish.headers))


class Drafts:
    """Engine work happens on a thread: a large plan must not delay anybody's live view."""

    def __init__(self, plan: CurrentPlan, database: Database) -> None:
        self._plan = plan
        self._database = database

    async def check(self, files: Sequence[File]) -> Checked:
        voices = await self._plan.voices()
        loaded = await asyncio.to_thread(lambda: with_voices(load_files(files), voices))
        return Checked(
            ok=loaded.valid, revision=loaded.revision or None, problems=problems_of(loaded)
        )

    async def explain(self, wish: ExplainWish) -> Explained:
        ready = await self._meant(wish.files)

        def work() -> Explained:
            plan = ready.plan
            at = datetime.now(UTC) if wish.at is None else _when(plan, wish.at)
            found = explain(ready, as_sent(plan, wish), at)
            return msgspec.convert({**found.as_json(), "text": found.text()}, Explained)

        return await asyncio.to_thread(work)

    async def test(self, files: Sequence[File] | None) -> Tested:
        plan = (await self._meant(files)).plan
        return await asyncio.to_thread(_typed, lambda: run_tests(plan).as_json(), Tested)

    async def draw(self, files: Sequence[File] | None) -> Drawn:
        plan = (await self._meant(files)).plan
        return await asyncio.to_thread(_typed, lambda: graph(plan).as_json(), Drawn)

    async def calendar(self, wish: CalendarWish) -> CalendarPage:
        plan = (await self._meant(wish.files)).plan

        def work() -> dict[str, Any]:
            return _in_time(lambda: calendar(plan, wish.first, wish.days)).as_json()

        return await asyncio.to_thread(_typed, work, CalendarPage)

    async def compare(self, files: Sequence[File]) -> Compared:
        """With what is in force, in meaning and for the last calls that really happened."""
        new = (await self._meant(files)).plan
        current = (await self._plan.loaded()).plan
        if current is None:
            raise Problem("not_ready", "No plan is in force to compare with.")
        past = await self.past_calls()
        return await asyncio.to_thread(_typed, lambda: diff(current, new, past).as_json(), Compared)

    async def past_calls(self) -> list[PastCall]:
        statement = (
            select(call.c.doc)
            .where(call.c.called != "")
            .order_by(call.c.started_at.desc(), call.c.id.desc())
            .limit(REPLAYED)
        )
        async with self._database.read() as connection:
            docs = list(await connection.scalars(statement))
        return await asyncio.to_thread(lambda: [_past(_state.decode(doc)) for doc in docs])

    async def _meant(self, files: Sequence[File] | None) -> CompiledPlan:
        """The draft's plan, or the one in force; a draft with errors means nothing yet."""
        if files is None:
            loaded = await self._plan.loaded()
        else:
            loaded = await asyncio.to_thread(load_files, files)
        if loaded.plan is None or not loaded.valid:
            raise Problem(
                "plan_invalid",
                "Mend the errors first.",
                problems=msgspec.to_builtins(problems_of(loaded)),
            )
        return CompiledPlan(loaded.plan, loaded.revision)


def _typed(work: Any, kind: type[T]) -> T:
    return msgspec.convert(work(), kind)


def _in_time(work: Callable[[], T]) -> T:
    """Calls are asked about only where a day more or an hour further east still has a name."""
    try:
        return work()
    except BeyondCalendarError as error:
        raise Problem("invalid", f"{error}.") from error


def _when(plan: Dialplan, at: str) -> datetime:
    try:
        return instant(plan, at)
    except BeyondCalendarError as error:
        raise Problem("invalid", f"{error}.") from error
    except ValueError as error:
        raise Problem("invalid", f"{at!r} is not a time like 2026-11-23 08:30.") from error


def _past(state: fold.State) -> PastCall:
    context = CallContext(
        called=state.called,
        caller=state.caller,
        call_id=state.id,
        trunk=named(state.trunk),
        source_ip=state.source_ip,
    )
    return PastCall(context, state.started_at or state.first_at)
