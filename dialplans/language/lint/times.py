"""Hours, holidays and overrides that cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from dialplans.language.build import Path, node_at
from dialplans.language.lint.view import View
from dialplans.language.problems import Problem
from dialplans.language.yaml_tree import Items, Map
from dialplans.model import DateSpan, Holidays


def check(view: View) -> Iterator[Problem]:
    plan = view.written
    for name, hours in plan.hours.items():
        closed = not any(hours.week.values()) and not any((hours.holidays or {}).values())
        # Hours that only an override opens are a switch for emergencies.
        if closed and not any(o.concerns(name) and o.state == "open" for o in plan.override):
            said = f"'{name}' are never open"
            yield view.of(
                ("hours", name), "W_HOURS_NEVER", said, 'add a day: mon-fri: "09:00-17:00"'
            )
        if hours.holidays:
            yield from _holidays(view, hours.holidays, ("hours", name, "holidays"))
    yield from _holidays(view, plan.holidays, ("holidays",))
    many = isinstance(node_at(view.tree, ("override",)), Items)
    for n, override in enumerate(plan.override):
        path: Path = ("override", n) if many else ("override",)
        starts, ends = override.begins, override.until
        same_kind = starts is not None and (starts.tzinfo is None) == (ends.tzinfo is None)
        if starts is not None and same_kind and ends <= starts:
            yield view.at((*path, "until"), "W_OVERRIDE", "this ends before it begins")


def _holidays(view: View, holidays: Holidays, path: Path) -> Iterator[Problem]:
    """Two entries of equal weight that give one day different times: which holds is chance."""
    written = node_at(view.tree, path)
    keys = list(written) if isinstance(written, Map) else []
    named = dict(zip(holidays, keys, strict=False)) if len(keys) == len(holidays) else {}
    ranges = [(span, times) for span, times in holidays.items() if not span.single]
    for (a, at), (b, bt) in combinations(ranges[:400], 2):
        if a.yearly == b.yearly and at != bt and _meet(a, b):
            said = f"'{b}' and '{a}' give the same days different times"
            key = str(named.get(b, b))
            yield view.of((*path, key), "W_HOLIDAYS", said, "let the ranges not overlap")


def _meet(a: DateSpan, b: DateSpan) -> bool:
    def first(span: DateSpan) -> date:
        return date(span.first[0] or 2024, span.first[1], span.first[2])

    return a.covers(first(b)) or b.covers(first(a))
