"""Opening hours, read as the clock on the number's wall shows them.

Everything is decided on local wall time, so a day on which the clocks change needs no special case:
"08:30" opens at 08:30 whatever the offset is, an hour that comes twice is open twice, and one that
is skipped is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from dialplans.model import Dialplan, Hours, Override, TimeRange, holiday
from dialplans.model.hours import Holidays
from dialplans.model.values.times import later

DAY = 24 * 60
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HORIZON_DAYS = 370
"""How far ahead `next_change` looks: a yearly holiday is always within it."""
REMEMBERED_DAYS = 4096


@dataclass(frozen=True)
class Schedule:
    """One named set of hours with the holidays and the overrides that apply to it.

    A dated holiday is taken as written; a yearly one only changes weekdays that have hours, so that
    a short 24 December does not open an office on a Sunday.
    """

    name: str
    hours: Hours
    holidays: Holidays = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    _days: dict[date, tuple[tuple[TimeRange, ...], str]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _switches: dict[tzinfo, tuple[tuple[float, float, Override], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def day(self, day: date) -> tuple[tuple[TimeRange, ...], str]:
        """The ranges of that day and the holiday that gave them ("" on a common day)."""
        known = self._days.get(day)
        if known is None:
            if len(self._days) >= REMEMBERED_DAYS:
                self._days.clear()
            known = self._days[day] = self._work_out(day)
        return known

    def override(self, local: datetime) -> Override | None:
        """The override in force: the first of them, if there are several."""
        if not self.overrides:
            return None
        now = local.timestamp()
        switches = self._in_zone(local.tzinfo or UTC)
        return next((o for begins, until, o in switches if begins <= now < until), None)

    def overrides_between(self, start: datetime, end: datetime) -> tuple[Override, ...]:
        """Those that are in force at any moment from `start` until before `end`; both are aware,
        in one zone."""
        first, last = start.timestamp(), end.timestamp()
        switches = self._in_zone(start.tzinfo or UTC)
        return tuple(o for begins, until, o in switches if begins < last and first < until)

    def edges(self, zone: tzinfo) -> tuple[float, ...]:
        """When overrides begin and end, as instants."""
        return tuple(edge for begins, until, _ in self._in_zone(zone) for edge in (begins, until))

    def _in_zone(self, zone: tzinfo) -> tuple[tuple[float, float, Override], ...]:
        switches = self._switches.get(zone)
        if switches is None:
            switches = self._switches[zone] = tuple(_switch(o, zone) for o in self.overrides)
        return switches

    def _work_out(self, day: date) -> tuple[tuple[TimeRange, ...], str]:
        weekday = self.hours.ranges(day.weekday())
        special = holiday(self.holidays, day)
        if special is None:
            return weekday, ""
        key, ranges = special
        if ranges and not weekday and _is_yearly(key):
            return (), key
        return ranges, key


@dataclass(frozen=True, slots=True)
class Verdict:
    is_open: bool
    because: str


def schedule(plan: Dialplan, name: str) -> Schedule:
    """Raises KeyError for hours that are not in the plan."""
    overrides = tuple(o for o in plan.override if o.concerns(name))
    return Schedule(name, plan.hours[name], plan.holidays_of(name), overrides)


def is_open(schedule: Schedule, local: datetime) -> bool:
    """`local` is aware, in the number's zone. The same answer as `verdict`, without the words."""
    override = schedule.override(local)
    if override is not None:
        return override.state == "open"
    minute = local.hour * 60 + local.minute
    return any(r.opens <= minute < r.closes for r in schedule.day(local.date())[0])


def verdict(schedule: Schedule, local: datetime) -> Verdict:
    """Open or closed, and a sentence that names the local time and the rule of the day."""
    answer = is_open(schedule, local)
    head = f"hours {schedule.name} are {'open' if answer else 'closed'}"
    holding = schedule.override(local)
    if holding is not None:
        reason = f" ({holding.because})" if holding.because else ""
        until = f"{_on_the_wall(holding.until, local):%Y-%m-%d %H:%M}"
        return Verdict(answer, f"{head}: an override says so until {until}{reason}")
    ranges, special = schedule.day(local.date())
    times = " and ".join(map(str, ranges)) or "closed all day"
    note = f" by the holiday {special}" if special else ""
    day = DAY_NAMES[local.weekday()]
    return Verdict(answer, f"{head} on {day} {local:%Y-%m-%d} at {local:%H:%M} ({times}{note})")


def _on_the_wall(moment: datetime, local: datetime) -> datetime:
    """As the clock shows it where `local` is read; as written, where the calendar ends before."""
    try:
        return moment.astimezone(local.tzinfo) if moment.tzinfo else moment
    except OverflowError:
        return moment


def next_change(schedule: Schedule, now: datetime, zone: tzinfo) -> datetime | None:
    """The first instant (aware UTC) after `now` at which open and closed swap, or None within
    a year. An expiring override counts when the week then says something else."""
    before = is_open(schedule, now.astimezone(zone))
    for moment in _moments(schedule, now, zone):
        if moment > now and is_open(schedule, moment.astimezone(zone)) != before:
            return moment
    return None


def _moments(schedule: Schedule, now: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Every instant at which something may change, in order, day by day."""
    switches = {
        datetime.fromtimestamp(edge, UTC)
        for edge in schedule.edges(zone)
        if now.timestamp() <= edge <= later(now, timedelta(days=HORIZON_DAYS)).timestamp()
    }
    first = now.astimezone(zone).date()
    for offset in range(HORIZON_DAYS):
        day = first + timedelta(days=offset)
        start, end = _instant(day, 0, zone), _instant(day + timedelta(days=1), 0, zone)
        found = {start} | {s for s in switches if start <= s < end}
        if end - start == timedelta(days=1):
            for r in schedule.day(day)[0]:
                found |= {_instant(day, r.opens, zone), _instant(day, r.closes, zone)}
        else:  # the clocks change today: walk it minute by minute
            minutes = int((end - start).total_seconds()) // 60
            found |= {start + timedelta(minutes=m) for m in range(minutes)}
        yield from sorted(found)


def _instant(day: date, minute: int, zone: tzinfo) -> datetime:
    """Minute 1440 is the next midnight. Only asked on days without a clock change, or for 0."""
    whole = day + timedelta(days=minute // DAY)
    wall = datetime(whole.year, whole.month, whole.day, tzinfo=zone)
    return (wall + timedelta(minutes=minute % DAY)).astimezone(UTC)


def _switch(override: Override, zone: tzinfo) -> tuple[float, float, Override]:
    """Its two ends as instants: wall clocks would lose count in the hour that comes twice."""

    def instant(moment: datetime) -> float:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()

    begins = instant(override.begins) if override.begins is not None else float("-inf")
    return begins, instant(override.until), override


def _is_yearly(key: str) -> bool:
    return key.split("..")[0].count("-") == 1
