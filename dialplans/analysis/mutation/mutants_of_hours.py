"""Mutants of opening hours: edges by a minute, days, holidays and overrides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from dialplans.analysis.changes import said
from dialplans.analysis.mutation.mutants import GONE, Mutant, Path, changed
from dialplans.model import DAYS, DateSpan, DaySpan, Dialplan, Hours, TimeRange
from dialplans.model.values.times import day_after, later

MIDNIGHT = 24 * 60
MINUTE = timedelta(minutes=1)


def of_hours(plan: Dialplan) -> Iterator[Mutant]:
    for name, hours in plan.hours.items():
        for span in hours.week:
            path: Path = ("hours", name, "week", span)
            yield from _ranges(plan, path, hours.week[span])
            yield from _days(plan, name, span, hours)
        yield from _holidays(plan, ("hours", name, "holidays"), hours.holidays or {})
    yield from _holidays(plan, ("holidays",), plan.holidays)
    for index, override in enumerate(plan.override):
        path = ("override", index)
        yield changed(plan, path, GONE, was=said(override))
        flipped = "open" if override.state == "closed" else "closed"
        yield changed(plan, (*path, "state"), flipped)
        for minutes in (MINUTE, -MINUTE):
            moved = later(override.until, minutes)
            if abs(moved - override.until) == MINUTE:  # the calendar may end before
                yield changed(plan, (*path, "until"), moved)


def _ranges(plan: Dialplan, path: Path, ranges: tuple[TimeRange, ...]) -> Iterator[Mutant]:
    """Each edge a minute earlier and later; of several ranges, each one missing."""
    for index, r in enumerate(ranges):
        edges = [
            TimeRange(r.opens - 1, r.closes),
            TimeRange(r.opens + 1, r.closes),
            TimeRange(r.opens, r.closes - 1),
            TimeRange(r.opens, r.closes + 1),
        ]
        for edge in edges:
            if 0 <= edge.opens < edge.closes <= MIDNIGHT:
                moved = (*ranges[:index], edge, *ranges[index + 1 :])
                yield changed(plan, path, moved, was=str(r), now=str(edge))
        if len(ranges) > 1:
            rest = (*ranges[:index], *ranges[index + 1 :])
            yield changed(plan, path, rest, was=str(r), now="closed")


def _days(plan: Dialplan, name: str, span: DaySpan, hours: Hours) -> Iterator[Mutant]:
    """Each day of a span missing, and a day on which nothing is written added to it."""
    week = dict(hours.week)
    if not week[span]:
        return
    path: Path = ("hours", name, "week", span)
    for day in span.days:
        less = DaySpan(tuple(d for d in span.days if d != day), span.text)
        yield _week(
            plan, path, {less if s == span else s: r for s, r in week.items()}, day, "closed"
        )
    if span != next(s for s in week if week[s]):
        return
    written = {day for s in week for day in s.days}
    for day in range(7):
        if day not in written:
            more = DaySpan((*span.days, day), span.text)
            yield _week(
                plan, path, {more if s == span else s: r for s, r in week.items()}, day, "open"
            )


def _week(plan: Dialplan, path: Path, week: dict[Any, Any], day: int, now: str) -> Mutant:
    built = changed(plan, path[:3], week, was="open", now=now)
    was = "closed" if now == "open" else "open"
    return Mutant(path, f"{was} on {DAYS[day]}", f"{now} on {DAYS[day]}", built.plan)


def _holidays(plan: Dialplan, path: Path, holidays: Any) -> Iterator[Mutant]:
    """Each holiday forgotten, a day late, and its edges a minute off."""
    for span, ranges in holidays.items():
        here = (*path, span)
        yield changed(plan, here, GONE, was=said(ranges) or "closed")
        late = _late(span)
        if late is not None and late not in holidays:
            moved = {late if s == span else s: r for s, r in holidays.items()}
            built = changed(plan, path, moved, was="on the day", now="a day late")
            yield Mutant(here, str(span), str(late), built.plan)
        yield from _ranges(plan, here, ranges)


def _late(span: DateSpan) -> DateSpan | None:
    """None where the calendar ends before."""
    first, last = _next(span.first), _next(span.last)
    return DateSpan(first, last) if first is not None and last is not None else None


def _next(day: tuple[int | None, int, int]) -> tuple[int | None, int, int] | None:
    year, month, number = day
    following = day_after(
        date(year or 2023, month, min(number, 28 if month == 2 and not year else number))
    )
    if following is None:
        return None
    return (following.year if year else None), following.month, following.day
