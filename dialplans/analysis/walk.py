"""A whole call through the engine: asked in, decided, and stepped through what happens to it.

Tests, explanations, mutations and replays all walk, so they cannot disagree with the live call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dialplans.engine.admit import Load, admit
from dialplans.engine.call_inputs import Happening
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import Decision, Refusal, Step
from dialplans.engine.route import route, trace
from dialplans.engine.state import State, begin
from dialplans.engine.step import step
from dialplans.model import Dialplan, PlaceKind, moment
from dialplans.model.values.times import asked
from dialplans.telephony.call import CallContext


@dataclass(frozen=True, slots=True)
class Walk:
    """`refused` is set if the call never came to a place; `state` if it did."""

    decision: Decision | None
    state: State | None
    refused: Refusal | None

    @property
    def path(self) -> tuple[str, ...]:
        """`reject 404` for a call that was refused before any rule."""
        if self.state is not None:
            return self.state.path
        return (f"{PlaceKind.REJECT} {self.refused.code}",) if self.refused else ()


def walk(
    ready: CompiledPlan,
    call: CallContext,
    now: datetime,
    *,
    events: Iterable[Happening | str] = (),
    load: Load | None = None,
) -> Walk:
    """Raises UnknownHappeningError for a text that cannot happen to a call."""
    refused = admit(ready, call, load or Load())
    if refused is not None:
        return Walk(None, None, refused)
    decision = route(ready, call, now)
    state = begin(call, decision, now)
    for event in events:
        state = step(ready.plan, state, event)
    return Walk(decision, state, decision.refused)


def steps_of(ready: CompiledPlan, walked: Walk) -> tuple[Step, ...]:
    """The trace of a walk through this plan, from the first rule to the last happening."""
    if walked.decision is None or walked.state is None:
        because = walked.refused.because if walked.refused else ""
        return (Step("admission", False, because),)
    return (*trace(ready, walked.state.call, walked.decision), *walked.state.steps)


def instant(plan: Dialplan, at: datetime | str) -> datetime:
    """`at` as a person wrote it, aware UTC: without an offset it is in the plan's time zone. A time
    that the clocks skip is read as the moment after the jump, one that comes twice as the first.

    Raises ValueError for a text that is no moment, and for one at which nobody can call."""
    read = moment(at) if isinstance(at, str) else at
    asked(read)
    aware = read if read.tzinfo is not None else read.replace(tzinfo=ZoneInfo(plan.timezone))
    return aware.astimezone(UTC)
