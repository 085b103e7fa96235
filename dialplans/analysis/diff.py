"""What a new plan changes: in meaning, and for calls that really happened."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialplans.analysis.changes import Change, changes, said
from dialplans.analysis.walk import Walk, instant, walk
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.received import received
from dialplans.model import Dialplan
from dialplans.model.values.times import BeyondCalendarError, asked
from dialplans.telephony.call import ANONYMOUS, CallContext

EXAMPLES = 3
"""So many calls are shown for each cause."""
_CALLED = ("to", "called", "number")
_CALLER = ("from", "caller")
_AT = ("at", "started", "started_at", "time")


class BadCallsError(ValueError):
    """A file of calls cannot be read; the message names the line and what is missing."""


@dataclass(frozen=True, slots=True)
class PastCall:
    call: CallContext
    """As it was written down; each plan reads it in its own countries."""
    at: datetime | str
    """As in tests: in the plan's time zone unless it has an offset."""


@dataclass(frozen=True)
class Cause:
    """Calls that went one way and would go another, because one rule gives way to another."""

    old: str
    new: str
    because: str
    count: int
    examples: tuple[PastCall, ...]

    def text(self) -> str:
        shown = ", ".join(f"{e.call.caller} at {e.at}" for e in self.examples)
        return f"  {self.count:,} from {self.old} to {self.new}: {self.because}\n    e.g. {shown}"

    def as_json(self) -> dict[str, Any]:
        return {
            "from": self.old,
            "to": self.new,
            "because": self.because,
            "count": self.count,
            "calls": [
                {"to": e.call.called, "from": e.call.caller, "at": str(e.at)} for e in self.examples
            ],
        }


@dataclass(frozen=True)
class Difference:
    changes: tuple[Change, ...]
    replayed: int = 0
    causes: tuple[Cause, ...] = ()

    @property
    def moved(self) -> int:
        return sum(cause.count for cause in self.causes)

    def as_json(self) -> dict[str, Any]:
        return {
            "changes": [change.as_json() for change in self.changes],
            "replayed": self.replayed,
            "moved": self.moved,
            "examples": [cause.as_json() for cause in self.causes],
        }

    def text(self) -> str:
        lines = [str(change) for change in self.changes] or ["the plans mean the same"]
        if self.replayed:
            colon = ":" if self.moved else ""
            lines.append(f"{self.moved:,} of {self.replayed:,} calls would go elsewhere{colon}")
        return "\n".join([*lines, *(cause.text() for cause in self.causes)])


def diff(old: Dialplan, new: Dialplan, calls: Iterable[PastCall] = ()) -> Difference:
    counts: Counter[tuple[str, str, str]] = Counter()
    examples: dict[tuple[str, str, str], list[PastCall]] = {}
    replayed = 0
    was, will_be = CompiledPlan(old), CompiledPlan(new)
    for past in calls:
        replayed += 1
        at = instant(old, past.at)
        read = received(old, past.call)
        before = walk(was, read, at)
        after = walk(will_be, received(new, past.call), at)
        if before.path == after.path:
            continue
        cause = (_way(before), _way(after), _because(was, before, will_be, after))
        counts[cause] += 1
        shown = examples.setdefault(cause, [])
        if len(shown) < EXAMPLES:
            shown.append(PastCall(read, past.at))
    causes = tuple(
        Cause(*cause, count, tuple(examples[cause])) for cause, count in counts.most_common()
    )
    return Difference(changes(old, new), replayed, causes)


def read_calls(lines: Iterable[str]) -> Iterator[PastCall]:
    """Calls of a CSV file with a heading: `to`, `from` and `at` (or `called`, `caller`,
    `started`), if wanted `address`, and `header X-Name` for each SIP header. Raises BadCallsError.
    """
    reader = csv.DictReader(lines)
    known = reader.fieldnames or []
    called, at = _column(known, _CALLED), _column(known, _AT)
    caller = next((name for name in _CALLER if name in known), None)
    headers = {name.partition(" ")[2]: name for name in known if name.startswith("header ")}
    for row in reader:
        if not row[called] or not row[at]:
            raise BadCallsError(f"line {reader.line_num}: a call needs {called} and {at}")
        yield PastCall(
            CallContext(
                called=row[called],
                caller=(row[caller] if caller else None) or ANONYMOUS,
                call_id=row.get("id") or row.get("call") or "",
                source_ip=row.get("address") or None,
                headers={name: row[key] for name, key in headers.items() if row[key]},
            ),
            _time(row[at], reader.line_num),
        )


def _time(text: str, line: int) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
        asked(found)
        return found
    except BeyondCalendarError as error:
        raise BadCallsError(f"line {line}: {error}") from None
    except ValueError:
        wrong = f"line {line}: '{text[:40]}' is not a date and time like 2026-11-23 08:30"
        raise BadCallsError(wrong) from None


def _column(known: Iterable[str], names: tuple[str, ...]) -> str:
    found = next((name for name in names if name in known), None)
    if found is None:
        raise BadCallsError(f"line 1: there is no column '{names[0]}'")
    return found


def _way(walked: Walk) -> str:
    return " → ".join(walked.path) or "nowhere"


def _because(old: CompiledPlan, before: Walk, new: CompiledPlan, after: Walk) -> str:
    """The rule that decided and the one that decides now, as they are written; the trace of one
    call, with its number and its time, would make a cause of every call."""
    if after.decision is None or before.decision is None:
        refused = after.refused or before.refused
        reason = refused.reason.replace("_", " ") if refused else ""
        return f"{'now' if after.decision is None else 'no longer'} refused, {reason}"
    gone, come = _rule(old, before), _rule(new, after)
    if gone == come:
        return f"{come} decides as before, and leads elsewhere"
    return f"{come} decides, where it was {gone}"


def _rule(ready: CompiledPlan, walked: Walk) -> str:
    decision = walked.decision
    if decision is None or decision.rule is None or walked.state is None:
        return "nothing"
    number = ready.plan.numbers[walked.state.call.called]
    rule = ready.rules(number.route).rules[decision.rule]
    return f"{rule.label}, {said(rule.rule.when)},"
