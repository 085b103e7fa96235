"""Opening hours: what the clock on the wall says, also when somebody moves it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from dialplans.engine.hours import Schedule, is_open, next_change, verdict
from dialplans.model import Holidays, Hours, Override

BERLIN = ZoneInfo("Europe/Berlin")


def hours(
    week: dict[str, Any],
    holidays: dict[str, Any] | None = None,
    override: dict[str, Any] | None = None,
) -> Schedule:
    return Schedule(
        "office",
        Hours.model_validate(week),
        TypeAdapter(Holidays).validate_python(holidays or {}),
        (Override.model_validate(override),) if override else (),
    )


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


OFFICE = {"mon-fri": "08:30-18:00"}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23 08:29", False),
        ("2026-11-23 08:30", True),
        ("2026-11-23 17:59", True),
        ("2026-11-23 18:00", False),
        ("2026-11-28 12:00", False),
    ],
)
def test_a_range_holds_its_first_minute_and_not_its_last(moment: str, expected: bool) -> None:
    assert expected == is_open(hours(OFFICE), at(moment))


def test_a_lunch_break_is_closed() -> None:
    """Several ranges a day, each with its own edges."""
    split = hours({"daily": ["09:00-12:30", "13:30-17:00"]})

    found = [is_open(split, at(f"2026-11-23 {t}")) for t in ("12:29", "12:30", "13:30")]

    assert found == [True, False, True]


def test_a_dated_holiday_wins_over_a_yearly_one_and_a_day_over_a_range() -> None:
    schedule = hours(
        OFFICE,
        {"12-24": "closed", "2026-12-24": "08:30-12:00", "2026-12-21..2026-12-31": "closed"},
    )

    assert is_open(schedule, at("2026-12-24 09:00"))
    assert not is_open(schedule, at("2026-12-23 09:00"))
    assert not is_open(schedule, at("2027-12-24 09:00"))


def test_a_yearly_range_of_holidays_runs_over_the_new_year() -> None:
    schedule = hours(OFFICE, {"12-27..01-02": "closed"})

    found = [
        is_open(schedule, at(f"{d} 09:00")) for d in ("2026-12-31", "2027-01-01", "2027-01-04")
    ]

    assert found == [False, False, True]


def test_a_yearly_short_day_does_not_open_a_closed_weekday() -> None:
    """24 December 2028 is a Sunday: the office stays closed unless that very date is listed."""
    assert not is_open(hours(OFFICE, {"12-24": "08:30-12:00"}), at("2028-12-24 09:00"))
    assert is_open(hours(OFFICE, {"2028-12-24": "08:30-12:00"}), at("2028-12-24 09:00"))


def test_an_override_ends_by_itself() -> None:
    """The end is read in the number's zone; the sentence carries the reason that was given."""
    flood = {"is": "closed", "until": "2026-11-23 12:00", "because": "water in the cellar"}
    shut = hours(OFFICE, override=flood)

    assert not is_open(shut, at("2026-11-23 11:59"))
    assert is_open(shut, at("2026-11-23 12:00"))
    assert at("2026-11-23 12:00") == next_change(shut, at("2026-11-23 10:00"), BERLIN)
    assert "water in the cellar" in verdict(shut, at("2026-11-23 10:00")).because


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_opening_time_is_wall_time_on_the_days_the_clocks_change(day: str) -> None:
    sunday = hours({"sun": "08:00-12:00"})

    found = [is_open(sunday, at(f"{day} {t}")) for t in ("07:59", "08:00", "11:59", "12:00")]

    assert found == [False, True, True, False]


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    """25 October 2026, 02:00-03:00 in Berlin: both passes are inside 02:00-03:00."""
    owl = hours({"daily": "02:00-03:00"})
    first = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)

    walk = [(first + timedelta(minutes=m)).astimezone(BERLIN) for m in range(240)]

    assert sum(is_open(owl, local) for local in walk) == 120


def test_an_hour_that_is_skipped_is_never_open() -> None:
    owl = hours({"daily": "02:00-03:00"})
    midnight = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)

    walk = [(midnight + timedelta(minutes=m)).astimezone(BERLIN) for m in range(23 * 60)]

    assert {date(2026, 3, 29)} == {local.date() for local in walk}
    assert not any(is_open(owl, local) for local in walk)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe"])
@pytest.mark.parametrize("start", ["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-24"])
def test_the_next_change_is_the_first_minute_that_differs(zone: str, start: str) -> None:
    """Checked against a walk minute by minute over the days around a clock change."""
    tz = ZoneInfo(zone)
    odd = hours({"daily": ["00:00-01:35", "02:10-02:50", "22:00-24:00"]})

    walk = at(f"{start} 12:00", tz).astimezone(UTC)
    for _ in range(12):
        here = is_open(odd, walk.astimezone(tz))
        expected = next(
            m
            for m in (walk + timedelta(minutes=i) for i in range(1, 3000))
            if is_open(odd, m.astimezone(tz)) != here
        )

        assert expected == next_change(odd, walk, tz)
        walk = expected


def test_what_never_changes_has_no_next_change() -> None:
    assert next_change(hours({"daily": "00:00-24:00"}), at("2026-11-23 10:00"), BERLIN) is None


def test_the_sentence_names_the_local_time_and_the_hours_of_the_day() -> None:
    expected = "hours office are closed on Monday 2026-11-23 at 08:29 (08:30-18:00)"

    assert expected == verdict(hours(OFFICE), at("2026-11-23 08:29")).because


def test_the_sentence_names_the_holiday() -> None:
    found = verdict(hours(OFFICE, {"12-25": "closed"}), at("2026-12-25 10:00")).because

    assert found.endswith("on Friday 2026-12-25 at 10:00 (closed all day by the holiday 12-25)")
