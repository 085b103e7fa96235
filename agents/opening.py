"""Opening hours from the dialplan, in a sentence."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agents.desk import Desk
from dialplans.hours import is_open, next_change, schedule
from dialplans.model import Dialplan

_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
}


def hours_for(plan: Dialplan, called: str) -> str | None:
    """The named hours that the rules of this number look at; else the plan's first."""
    number = plan.numbers.get(called)
    rules = plan.routes.get(number.route, ()) if number else ()
    asked = [rule.when.hours for rule in rules if rule.when.hours]
    return next(iter(asked), None) or next(iter(plan.hours), None)


def opening_sentence(desk: Desk) -> str:
    """Open until when, or closed until when, on the clock of the number that was called."""
    plan, called = desk.plan.plan, desk.call.called
    name = hours_for(plan, called)
    if name is None:
        return desk.phrases.say("reception.hours_unknown")
    zone = ZoneInfo(plan.timezone_of(called))
    local = desk.now().astimezone(zone)
    hours = schedule(plan, name)
    change = next_change(hours, local, zone)
    if is_open(hours, local):
        if change is None:
            return desk.phrases.say("reception.open_all_day")
        until = _clock(desk, change.astimezone(zone))
        return desk.phrases.say("reception.open", until=until)
    if change is None:
        return desk.phrases.say("reception.closed_long")
    when = _moment(desk, change.astimezone(zone), local)
    return desk.phrases.say("reception.closed", when=when)


def closed_sentence(desk: Desk) -> str | None:
    """Until when nobody of the office can be there; None while it is open."""
    plan, called = desk.plan.plan, desk.call.called
    name = hours_for(plan, called)
    local = desk.now().astimezone(ZoneInfo(plan.timezone_of(called)))
    if name is None or is_open(schedule(plan, name), local):
        return None
    return opening_sentence(desk)


def _clock(desk: Desk, local: datetime) -> str:
    if desk.phrases.language == "de":
        return f"{local:%H:%M}".removesuffix(":00").removeprefix("0")
    hour = local.hour % 12 or 12
    minutes = f":{local:%M}" if local.minute else ""
    return f"{hour}{minutes} {'am' if local.hour < 12 else 'pm'}"


def _moment(desk: Desk, then: datetime, now: datetime) -> str:
    clock = _clock(desk, then)
    german = desk.phrases.language == "de"
    if then.date() == now.date():
        return f"heute um {clock} Uhr" if german else f"today at {clock}"
    if then.date() == (now + timedelta(days=1)).date():
        return f"morgen um {clock} Uhr" if german else f"tomorrow at {clock}"
    if then - now > timedelta(days=6):
        day = desk.phrases.day(then.date())
        return f"am {day} um {clock} Uhr" if german else f"on {day} at {clock}"
    day = _DAYS[desk.phrases.language].split()[then.weekday()]
    return f"am {day} um {clock} Uhr" if german else f"on {day} at {clock}"
