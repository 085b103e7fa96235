"""Opening hours from the dialplan, in a sentence."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from agents.company.phrases import Phrases
from agents.company.spoken_time import last_day
from dialplans.engine.hours import is_open, next_change, schedule
from dialplans.model import Dialplan


def hours_for(plan: Dialplan, called: str) -> str | None:
    """The named hours that the rules of this number look at; else the plan's first."""
    number = plan.numbers.get(called)
    rules = plan.routes.get(number.route, ()) if number else ()
    asked = [rule.when.hours for rule in rules if rule.when.hours]
    return next(iter(asked), None) or next(iter(plan.hours), None)


def closed_sentence(plan: Dialplan, called: str, *, now: datetime, phrases: Phrases) -> str | None:
    """Until when nobody of the office can be there; None while it is open."""
    name = hours_for(plan, called)
    local = now.astimezone(ZoneInfo(plan.timezone_of(called)))
    if name is None or is_open(schedule(plan, name), local):
        return None
    return hours_sentence(plan, called, now=now, phrases=phrases)


def hours_sentence(plan: Dialplan, called: str, *, now: datetime, phrases: Phrases) -> str:
    """Open until when, or closed until when. A day is named unless it is today, as that number's
    clock has it."""
    name = hours_for(plan, called)
    if name is None:
        return phrases.say("reception.hours_unknown")
    zone = ZoneInfo(plan.timezone_of(called))
    local, hours = now.astimezone(zone), schedule(plan, name)
    change, opened = next_change(hours, local, zone), is_open(hours, local)
    if change is None:
        return phrases.say("reception.open_all_day" if opened else "reception.closed_long")
    then = change.astimezone(zone)
    if not opened:
        return phrases.say("reception.closed", when=phrases.moment(then, local))
    if last_day(then) == local.date():
        return phrases.say("reception.open", until=phrases.clock(then, ends=True))
    return phrases.say("reception.open_until", when=phrases.moment(then, local, ends=True))
