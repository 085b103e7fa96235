"""Why a call goes where it goes: the trace to read aloud, and the same for a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialplans.analysis.walk import Walk, steps_of, walk
from dialplans.engine.admit import Load
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import Step
from dialplans.engine.hours import DAY_NAMES
from dialplans.model import Dialplan, PlaceKind
from dialplans.telephony.call import CallContext


@dataclass(frozen=True)
class Explanation:
    call: CallContext
    local: datetime
    zone: str
    entry: str
    """A sentence about the number: whose it is, and which rules it asks."""
    walk: Walk
    steps: tuple[Step, ...]
    revision: str

    def as_json(self) -> dict[str, Any]:
        refused = self.walk.refused
        first = self.walk.path[0] if self.walk.path else PlaceKind.HANG_UP
        kind, _, name = first.partition(" ")
        return {
            "call": {
                "called": self.call.called,
                "caller": self.call.caller,
                "forwarded_from": list(self.call.forwarded_from),
                "dialled": list(self.call.dialled),
            },
            "decision": {"kind": kind, "name": name or None},
            "path": list(self.walk.path),
            "steps": [
                {"rule": s.rule, "matched": s.matched, "because": s.because} for s in self.steps
            ],
            "local_time": self.local.isoformat(timespec="seconds"),
            "revision": self.revision,
            "refused": {"code": refused.code, "reason": str(refused.reason)} if refused else None,
        }

    def text(self) -> str:
        when = f"{DAY_NAMES[self.local.weekday()]} {self.local:%Y-%m-%d %H:%M} in {self.zone}"
        lines = [f"{self.call.caller} calls {self.call.called} on {when}.", *self._way_here()]
        lines.append(self.entry)
        walked = self.walk
        if walked.decision is None and walked.refused is not None:
            why = walked.refused
            lines.append(f"The call would be refused, {why.code}, because {why.because}.")
            return "\n".join(lines)
        lines += [f"  {'✓' if s.matched else '·'} {s.rule}: {s.because}" for s in self.steps]
        if walked.refused is not None:
            why = walked.refused
            lines.append(f"The call would be refused, {why.code}, because {why.because}.")
        else:
            lines.append(f"The call goes to {', then '.join(walked.path)}.")
        return "\n".join([*lines, f"(revision {self.revision})"])

    def _way_here(self) -> Iterator[str]:
        if self.call.forwarded_from:
            yield f"It was forwarded from {', '.join(self.call.forwarded_from)}."
        if self.call.dialled:
            yield f"What was dialled is {', '.join(self.call.dialled)}."
        if self.call.asserted:
            yield "The trunk says who the withheld caller is; rules that reject ask for that too."


def explain(
    ready: CompiledPlan,
    call: CallContext,
    now: datetime,
    *,
    events: Iterable[str] = (),
    load: Load | None = None,
) -> Explanation:
    """Raises UnknownHappeningError for an event that cannot happen to a call."""
    walked = walk(ready, call, now, events=events, load=load)
    zone = ready.zone(call.called)
    return Explanation(
        call=call,
        local=now.astimezone(zone),
        zone=str(zone),
        entry=_entry(ready.plan, call),
        walk=walked,
        steps=steps_of(ready, walked),
        revision=ready.revision,
    )


def _trunk(plan: Dialplan, name: str) -> str:
    trunk = plan.trunks.get(name)
    return f"{name} ({trunk.label})" if trunk is not None and trunk.label else name


def _entry(plan: Dialplan, call: CallContext) -> str:
    number = plan.numbers.get(call.called)
    if number is None:
        return f"{call.called} is not one of our {len(plan.numbers)} numbers."
    through = f"through trunk {_trunk(plan, number.trunk)}" if number.trunk else "from the web"
    label = f" ({number.label})" if number.label else ""
    language = plan.language_of(call.called)
    return f"{call.called}{label} is ours, {through}, in {language}; it asks route {number.route}."
