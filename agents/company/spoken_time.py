"""Days and times of day as they are spoken, in the words of one language.

A moment that ends something (`ends`) belongs to the day before it if it is midnight: whoever closes
at midnight on Friday closes on Friday.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
WEEK = 7
FAR = 300
"""Days after which a date without its year could be taken for one that is near."""


def day(language: str, day: date) -> str:
    """A date without its year: `the 4th of December`, `4. Dezember`."""
    month = _MONTHS[language].split()[day.month - 1]
    if language == "de":
        return f"{day.day}. {month}"
    ending = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return f"the {day.day}{ending} of {month}"


def last_day(moment: datetime) -> date:
    """The day on which something is over that ends at this moment."""
    return (moment - timedelta(microseconds=1)).date()


def clock(language: str, moment: datetime, *, ends: bool = False) -> str:
    """`8:30 am`, `noon`, `midnight`; `8:30`, `24` to go with `Uhr`."""
    if language == "de":
        if ends and moment.time() == time():
            return "24"
        return f"{moment.hour}:{moment:%M}".removesuffix(":00")
    if moment.time() == time():
        return "midnight" if ends else "midnight, as the day begins"
    if moment.time() == time(12):
        return "noon"
    minutes = f":{moment:%M}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes} {'am' if moment.hour < 12 else 'pm'}"


def moment(language: str, then: datetime, now: datetime, *, ends: bool = False) -> str:
    """When, as seen from `now` on the same clock: today, tomorrow, a weekday of the coming six
    days, or weekday and date."""
    that = last_day(then) if ends else then.date()
    on, at = _on(language, that, now.date()), clock(language, then, ends=ends)
    return f"{on} um {at} Uhr" if language == "de" else f"{on} at {at}"


def _on(language: str, that: date, today: date) -> str:
    german, away = language == "de", (that - today).days
    if away == 0:
        return "heute" if german else "today"
    if away == 1:
        return "morgen" if german else "tomorrow"
    weekday = _DAYS[language].split()[that.weekday()]
    if away < WEEK:
        return f"am {weekday}" if german else f"on {weekday}"
    year = f" {that.year}" if away > FAR else ""
    spoken = f"{day(language, that)}{year}"
    return f"am {weekday}, dem {spoken}," if german else f"on {weekday} {spoken}"
