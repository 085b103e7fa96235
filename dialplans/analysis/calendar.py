"""When each number is open, day by day, on its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.hours import DAY, DAY_NAMES, Schedule, is_open
from dialplans.model import Dialplan, TimeRange
from dialplans.model.values.times import asked


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    ranges: tuple[TimeRange, ...]
    note: str
    """The holiday or the override that rules the day; "" on a common one."""

    @property
    def text(self) -> str:
        open_ = ", ".join(map(str, self.ranges)) or "closed"
        return f"{open_}  ({self.note})" if self.note else open_


@dataclass(frozen=True, slots=True)
class Row:
    """One number and one of the hours that its rules ask for; without any it is always open."""

    number: str
    label: str
    zone: str
    hours: str | None
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Calendar:
    first: date
    rows: tuple[Row, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "from": self.first.isoformat(),
            "numbers": [
                {
                    "number": row.number,
                    "label": row.label,
                    "timezone": row.zone,
                    "hours": row.hours,
                    "days": [
                        {
                            "date": d.day.isoformat(),
                            "open": [str(r) for r in d.ranges],
                            "note": d.note,
                        }
                        for d in row.days
                    ],
                }
                for row in self.rows
            ],
        }

    def text(self) -> str:
        """A block for each number: one line a day, weekday first."""
        blocks = []
        for row in self.rows:
            label = f" {row.label}" if row.label else ""
            hours = f"hours {row.hours}" if row.hours else "its rules ask for no hours"
            lines = [f"{row.number}{label}, {row.zone}, {hours}"]
            if row.hours is not None:
                lines += [
                    f"  {DAY_NAMES[d.day.weekday()][:3]} {d.day:%Y-%m-%d}  {d.text}"
                    for d in row.days
                ]
            else:
                lines.append("  always open")
            blocks.append("\n".join(lines))
        return "\n\n".join(blocks)


def calendar(plan: Dialplan, first: date, days: int) -> Calendar:
    """Raises BeyondCalendarError for a day on which nobody can call."""
    asked(first)
    ready = CompiledPlan(plan)
    rows = []
    for key, number in plan.numbers.items():
        zone = ready.zone(key)
        rules = plan.routes.get(number.route, ())
        named = dict.fromkeys(r.when.hours for r in rules if r.when.hours in ready.schedules)
        for name in named or {None: None}:
            schedule = ready.schedules[name] if name is not None else None
            row = tuple(_day(schedule, first + timedelta(days=n), zone) for n in range(days))
            rows.append(Row(key, number.label, str(zone), name, row))
    return Calendar(first, tuple(rows))


def _day(schedule: Schedule | None, day: date, zone: ZoneInfo) -> Day:
    if schedule is None:
        return Day(day, (TimeRange(0, DAY),), "")
    ranges, special = schedule.day(day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    holding = schedule.overrides_between(midnight, midnight + timedelta(days=1))
    if not holding:
        return Day(day, ranges, f"holiday {special}" if special else "")
    because = next((o.because for o in holding if o.because), "")
    ranges = _walked(schedule, midnight)
    return Day(day, ranges, f"override: {because}" if because else "override")


def _walked(schedule: Schedule, midnight: datetime) -> tuple[TimeRange, ...]:
    """An override may begin and end at any minute: the day is looked at minute by minute."""
    found: list[TimeRange] = []
    begins: int | None = None
    for minute in range(DAY):
        if is_open(schedule, midnight + timedelta(minutes=minute)):
            begins = minute if begins is None else begins
        elif begins is not None:
            found.append(TimeRange(begins, minute))
            begins = None
    if begins is not None:
        found.append(TimeRange(begins, DAY))
    return tuple(found)
