"""Opening hours, read as the clock on the number's wall shows them.

Everything is decided on local wall time, so a day on which the clocks change needs no special case:
"08:30" opens at 08:30 whatever the offset is, an hour that comes twice is open twice, and one that
is skipped is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

DAY = 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HORIZON_DAYS = 370
"""How far ahead `next_change` looks: a yearly holiday is always within it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes after midnight; closed at `closes` itself. Past 1440 it runs into the next day."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return f"{clock(self.opens)}-{clock(self.closes)}"


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody pulled the switch: open or closed whatever the week says, until `until`."""

    is_open: bool
    until: datetime | None = None
    """Aware. None only in tests of the engine: the language demands an expiry."""
    reason: str = ""

    def holds(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Schedule:
    """One named set of hours with the holidays that apply to it.

    `dates` maps `YYYY-MM-DD` or `MM-DD` to that day's spans. A dated entry is taken as written; a
    yearly one only shortens, so that 24 December does not open an office on a Sunday.
    """

    name: str
    week: tuple[tuple[Span, ...], ...]
    dates: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    is_open: bool
    because: str


def clock(minute: int) -> str:
    """07:05; the end of the day is 24:00 and what lies past it is the next day's clock."""
    minute = minute if minute <= DAY else minute - DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"


def spoken(local: datetime) -> str:
    """`Monday 23 November 2026, 08:29`: how every sentence of the trace names a moment."""
    return f"{DAY_NAMES[local.weekday()]} {local.day} {local:%B %Y, %H:%M}"


def spans_of(schedule: Schedule, day: date) -> tuple[tuple[Span, ...], str]:
    """The spans that begin on that day, and the words for why it is these."""
    dated = schedule.dates.get(day.isoformat())
    if dated is not None:
        return dated, f"{day.isoformat()} is listed under holidays"
    weekday = schedule.week[day.weekday()]
    yearly = schedule.dates.get(f"{day:%m-%d}")
    if yearly is not None:
        return (yearly if weekday else ()), f"{day:%m-%d} is listed under holidays"
    return weekday, ""


def open_ranges(schedule: Schedule, day: date) -> list[Span]:
    """What is open on that calendar day, midnight to midnight, joined and in order.

    Looks at the week and the holidays only; an override is a switch in time, not a range of a day.
    """
    pieces = [
        Span(max(0, s.opens - DAY), min(DAY, s.closes - DAY))
        for s in spans_of(schedule, day - timedelta(days=1))[0]
        if s.closes > DAY
    ]
    pieces += [Span(s.opens, min(DAY, s.closes)) for s in spans_of(schedule, day)[0]]
    joined: list[Span] = []
    for piece in sorted(pieces, key=lambda s: (s.opens, s.closes)):
        if joined and piece.opens <= joined[-1].closes:
            joined[-1] = Span(joined[-1].opens, max(joined[-1].closes, piece.closes))
        elif piece.opens < piece.closes:
            joined.append(piece)
    return joined


def is_open(schedule: Schedule, now: datetime, zone: tzinfo) -> bool:
    """`now` is aware. The same answer as `verdict`, without the words: it runs for every call."""
    override = schedule.override
    if override is not None and override.holds(now):
        return override.is_open
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    day = local.date()
    if any(s.opens <= minute < s.closes for s in spans_of(schedule, day)[0]):
        return True
    yesterday = spans_of(schedule, day - timedelta(days=1))[0]
    return any(s.opens <= minute + DAY < s.closes for s in yesterday)


def verdict(schedule: Schedule, now: datetime, zone: tzinfo) -> Verdict:
    """Open or closed, and a sentence that names the local time and the rule of the day."""
    local = now.astimezone(zone)
    answer = is_open(schedule, now, zone)
    word = "open" if answer else "closed"
    head = f"{schedule.name} is {word}"
    override = schedule.override
    if override is not None and override.holds(now):
        until = f" until {spoken(override.until.astimezone(zone))}" if override.until else ""
        reason = f" ({override.reason})" if override.reason else ""
        return Verdict(answer, f"{head}: an override says so{until}{reason}")
    ranges = open_ranges(schedule, local.date())
    _, holiday = spans_of(schedule, local.date())
    hours = " and ".join(map(str, ranges)) if ranges else "closed all day"
    day = DAY_NAMES[local.weekday()]
    note = f", because {holiday}" if holiday else ""
    return Verdict(answer, f"{head} at {local:%H:%M} on {day} {local:%Y-%m-%d} ({hours}{note})")


def next_change(schedule: Schedule, now: datetime, zone: tzinfo) -> datetime | None:
    """The first instant (aware UTC) after `now` at which open and closed swap, or None within
    a year. An expiring override counts when the week then says something else."""
    before = is_open(schedule, now, zone)
    for moment in _moments(schedule, now, zone):
        if moment > now and is_open(schedule, moment, zone) != before:
            return moment
    return None


def _moments(schedule: Schedule, now: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Every instant at which something may change, in order, day by day."""
    override = schedule.override
    first = now.astimezone(zone).date()
    for offset in range(HORIZON_DAYS):
        day = first + timedelta(days=offset)
        found = {_instant(day, m, zone) for m in (0, DAY)}
        start, end = min(found), max(found)
        if end - start == timedelta(days=1):
            for span in open_ranges(schedule, day):
                found |= {_instant(day, span.opens, zone), _instant(day, span.closes, zone)}
        else:  # the clocks change today: walk it minute by minute
            minutes = int((end - start).total_seconds()) // 60
            found |= {start + timedelta(minutes=m) for m in range(minutes)}
        if override is not None and override.until is not None and start <= override.until < end:
            found.add(override.until.astimezone(UTC))
        yield from sorted(found)


def _instant(day: date, minute: int, zone: tzinfo) -> datetime:
    whole = day + timedelta(days=minute // DAY)
    wall = datetime(whole.year, whole.month, whole.day, tzinfo=zone)
    return (wall + timedelta(minutes=minute % DAY)).astimezone(UTC)
