"""When somebody is there: weekly hours, holidays, and the switch for emergencies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from dialplans.model.values.base import Model, Name, fail
from dialplans.model.values.times import DAYS, Dates, Days, Moment, Opening, TimeRange

Holidays = Mapping[Dates, Opening]


class Hours(Model):
    """One week of opening times, read in the time zone of the number that was called."""

    week: Mapping[Days, Opening] = Field(
        description="Days (`mon`, `mon-fri`, `sat,sun`, `daily`) and when they are open."
    )
    holidays: Holidays | None = Field(
        default=None, description="Holidays of these hours, instead of the plan's."
    )

    @model_validator(mode="before")
    @classmethod
    def _days_are_keys(cls, value: Any) -> Any:
        """In the file the days stand beside `holidays`, without a key of their own."""
        if not isinstance(value, dict) or isinstance(value.get("week"), dict):
            return value
        days = {k: v for k, v in value.items() if k != "holidays"}
        rest = {k: v for k, v in value.items() if k == "holidays"}
        return {"week": days, **rest}

    @model_validator(mode="after")
    def _each_day_once(self) -> Hours:
        seen: dict[int, str] = {}
        for span in self.week:
            for day in span.days:
                if day in seen:
                    both = f"'{seen[day]}' and '{span}'"
                    fail("E_HOURS_OVERLAP", f"{both} both give times for {DAYS[day]}")
                seen[day] = str(span)
        return self

    def ranges(self, weekday: int) -> tuple[TimeRange, ...]:
        """The times of a day of the week, Monday 0; a day that is not written is closed."""
        return next((r for span, r in self.week.items() if weekday in span.days), ())


def holiday(holidays: Holidays, day: date) -> tuple[str, tuple[TimeRange, ...]] | None:
    """The entry that rules `day`, as (its key as written, its times), or None on a common day.

    A dated entry beats a yearly one, a single day beats a range."""
    covering = [
        (span.weight, str(span), times) for span, times in holidays.items() if span.covers(day)
    ]
    if not covering:
        return None
    _, key, times = max(covering, key=lambda entry: (entry[0], entry[1]))
    return key, times


class Override(Model):
    """An emergency: until it expires, hours are open or closed whatever the clock says."""

    state: Literal["open", "closed"] = Field(alias="is", description="What the hours are now.")
    hours: tuple[Name, ...] | Name | None = Field(
        default=None, description="Which hours; all of them when left out."
    )
    begins: Moment | None = Field(
        default=None, alias="from", description="From when, in the number's time zone."
    )
    until: Moment = Field(description="When it ends by itself, in the number's time zone.")
    because: str = Field(default="", description="Shown in traces: why.")

    def concerns(self, hours: str) -> bool:
        if self.hours is None:
            return True
        return hours == self.hours if isinstance(self.hours, str) else hours in self.hours
