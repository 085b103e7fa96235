"""Days, ranges of a day and dates, as a person writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from dialplans.model.values.base import fail, text_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
FIRST_YEAR, LAST_YEAR = 1900, 9000
"""Calls are asked about between these years. Holidays and overrides may lie anywhere."""

_RANGE = re.compile(r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)\Z", re.ASCII)
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_DAYS = re.compile(rf"{_DAY}(?:-{_DAY})?(?:\s*,\s*{_DAY}(?:-{_DAY})?)*\Z")
_DAY_OF_YEAR = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_DATE = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?\Z", re.ASCII)
_RANGE_SCHEMA = {"type": "string", "pattern": r"^(closed|[0-9]{2}:[0-9]{2} *- *[0-9]{2}:.*)$"}


class BeyondCalendarError(ValueError):
    """Nobody calls on such a day; the message says which days there are."""


@dataclass(frozen=True, slots=True, order=True)
class TimeRange:
    """Open from minute `opens` of a day until before minute `closes`; 24:00 is 1440."""

    opens: int
    closes: int

    def __contains__(self, minute: object) -> bool:
        return isinstance(minute, int) and self.opens <= minute < self.closes

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _range(text: str) -> TimeRange:
    found = _RANGE.match(text)
    if not found:
        fail("E_TIME", f"'{text}' is not a range of times", 'write "08:30-18:00" or closed')
    h1, m1, h2, m2 = map(int, found.groups())
    opens, closes = h1 * 60 + m1, h2 * 60 + m2
    if m1 > 59 or m2 > 59 or opens >= MIDNIGHT or closes > MIDNIGHT:
        fail("E_TIME", f"'{text}' holds a time that no clock shows", "a day ends at 24:00")
    if closes <= opens:
        hint = 'past midnight, split it: "22:00-24:00" and on the next day "00:00-06:00"'
        fail("E_HOURS_IMPOSSIBLE", f"'{text}' closes before it opens", hint)
    return TimeRange(opens, closes)


def _opening(value: Any) -> tuple[TimeRange, ...]:
    if isinstance(value, tuple) and all(isinstance(r, TimeRange) for r in value):
        return value
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(p, str) for p in parts) or not parts:
        fail("E_TIME", "times are a text or a list of texts", 'write "08:30-18:00" or closed')
    if [str(p) for p in parts] == ["closed"]:
        return ()
    ranges = sorted(_range(r.strip()) for p in parts for r in p.split(","))
    for earlier, later in pairwise(ranges):
        if later.opens < earlier.closes:
            fail("E_HOURS_OVERLAP", f"{earlier} and {later} overlap", "write one range for both")
    return tuple(ranges)


Opening = Annotated[
    tuple[TimeRange, ...],
    PlainValidator(_opening),
    WithJsonSchema(
        {"anyOf": [_RANGE_SCHEMA, {"type": "array", "items": _RANGE_SCHEMA, "minItems": 1}]}
    ),
]
"""`"08:30-18:00"`, several ranges as a list or with commas, or `closed`; sorted, none overlap."""


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Days of the week, Monday 0; `text` is how it was written."""

    days: tuple[int, ...]
    text: str

    def __str__(self) -> str:
        return self.text


def _day_span(value: Any) -> DaySpan:
    if isinstance(value, DaySpan):
        return value
    text = str(value)
    if text == "daily":
        return DaySpan(tuple(range(7)), text)
    if not _DAYS.match(text):
        fail("E_DAY", f"'{text}' is not a day", "write mon, mon-fri, sat,sun or daily")
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        a, b = DAYS.index(first), DAYS.index(last or first)
        days += range(a, b + 1) if a <= b else [*range(a, 7), *range(b + 1)]
    if len(days) != len(set(days)):
        fail("E_HOURS_OVERLAP", f"'{text}' names a day twice")
    return DaySpan(tuple(days), text)


Days = Annotated[DaySpan, PlainValidator(_day_span), WithJsonSchema({"type": "string"})]


@dataclass(frozen=True, slots=True)
class DateSpan:
    """One day or a range of days, every year (`year` is None) or once."""

    first: tuple[int | None, int, int]
    last: tuple[int | None, int, int]

    @property
    def yearly(self) -> bool:
        return self.first[0] is None

    @property
    def single(self) -> bool:
        return self.first == self.last

    @property
    def weight(self) -> int:
        """Which of several that cover one day wins: dated over yearly, a day over a range."""
        return (0 if self.yearly else 2) + (1 if self.single else 0)

    def covers(self, day: date) -> bool:
        if self.first[0] is not None:
            return self.first <= (day.year, day.month, day.day) <= self.last
        at, start2, end = (day.month, day.day), self.first[1:], self.last[1:]
        return start2 <= at <= end if start2 <= end else at >= start2 or at <= end

    def __str__(self) -> str:
        ends = [self.first] if self.single else [self.first, self.last]
        return "..".join(
            f"{m:02d}-{d:02d}" if y is None else f"{y:04d}-{m:02d}-{d:02d}" for y, m, d in ends
        )


def _date(text: str) -> tuple[int | None, int, int]:
    found = _DATE.match(text)
    if not found:
        fail("E_DATE", f"'{text}' is not a date", 'write "12-25" or "2026-12-25"')
    year = int(found[1]) if found[1] else None
    month, day = int(found[2]), int(found[3])
    try:
        date(year if year is not None else 2024, month, day)
    except ValueError:
        fail("E_DATE", f"there is no day '{text}'")
    return year, month, day


def _date_span(value: Any) -> DateSpan:
    if isinstance(value, DateSpan):
        return value
    first_text, dots, last_text = str(value).partition("..")
    first = _date(first_text.strip())
    last = _date(last_text.strip()) if dots else first
    if (first[0] is None) != (last[0] is None):
        fail("E_DATE", f"'{value}' begins with a year and ends without, or the other way round")
    if first[0] is not None and last < first:
        fail("E_DATE", f"'{value}' ends before it begins")
    return DateSpan(first, last)


Dates = Annotated[DateSpan, PlainValidator(_date_span), WithJsonSchema({"type": "string"})]
"""`"12-25"` every year, `"2026-04-06"` once, `"12-27..01-02"` or `"2026-08-03..2026-08-21"`."""


def moment(text: str) -> datetime:
    """`2026-11-23 08:30`, with seconds or an offset if wanted; without one it has no zone.

    Raises ValueError on anything else, with a sentence for the person who wrote it.
    """
    if not _MOMENT.match(text):
        raise ValueError(f"'{text}' is not a date and time; write \"2026-11-23 08:30\"")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is a day or time that does not exist") from None


def day(text: str) -> date:
    """`2026-11-23`, a day on which somebody may call. Raises ValueError on anything else."""
    if not _DAY_OF_YEAR.match(text):
        raise ValueError(f"'{text}' is not a day; write 2026-11-23")
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day '{text}'") from None
    asked(found)
    return found


def asked(when: date) -> None:
    """Raises BeyondCalendarError for a day or a moment near which nobody can reckon: a year may
    end with 9999, but not what is a day later or an hour further east."""
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise BeyondCalendarError(
            f"'{when.isoformat()}' is not between the years {FIRST_YEAR} and {LAST_YEAR}"
        )


def later(moment: datetime, span: timedelta) -> datetime:
    """The moment a span later (or, if it is negative, earlier); the calendar's end at the most."""
    try:
        return moment + span
    except OverflowError:
        year, month, day = (9999, 12, 31) if span > timedelta() else (1, 1, 1)
        return datetime(year, month, day, tzinfo=moment.tzinfo)


def day_after(day: date, days: int = 1) -> date | None:
    """None where the calendar ends before."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return moment(text_of(value))
    except ValueError as error:
        message, _, hint = str(error).partition("; ")
        fail("E_MOMENT", message, hint)


Moment = Annotated[
    datetime,
    PlainValidator(_moment),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d"}),
]
"""A date and time of day; without an offset it is naive, and the field says in which zone."""


def _call_moment(value: Any) -> datetime:
    read = _moment(value)
    try:
        asked(read)
    except BeyondCalendarError as error:
        fail("E_MOMENT", str(error))
    return read


CallMoment = Annotated[
    datetime,
    PlainValidator(_call_moment),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d"}),
]
"""A moment at which somebody may call."""
