"""Conditions of a rule as functions over the facts of a call: one that answers, one that says why.

Both are made once for a plan. Answering happens for every call and must be quick; the sentence is
made only for somebody who reads the trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dialplans.hours import Schedule, is_open, verdict
from dialplans.model import When
from dialplans.wildcards import matcher


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules may look at, read once for a call. Header names are in lower case, and no value
    is longer than `wildcards.LONGEST`."""

    called: str
    caller: str
    language: str
    local: datetime
    headers: Mapping[str, str]
    hours: dict[str, bool] = field(default_factory=dict)
    """Hours that were asked about already: a thousand rules read the clock once."""


SHOWN = 120
"""So much of a caller's header is repeated to whoever reads the trace."""

Test = Callable[[Facts], bool]
Why = Callable[[Facts], str]


@dataclass(frozen=True, slots=True)
class Condition:
    test: Test
    why: Why
    """A sentence that is true of the facts, whether the condition holds or not."""


def conditions(
    when: When, lists: Mapping[str, tuple[str, ...]], schedules: Mapping[str, Schedule]
) -> tuple[Condition, ...]:
    """In the order in which a person reads them; a rule without any matches everything."""
    found: list[Condition] = []
    if when.caller:
        found.append(_number("caller", when.caller, lists))
    if when.called:
        found.append(_number("called", when.called, lists))
    if when.language:
        found.append(_language(when.language))
    if when.hours is not None:
        found.append(_hours(when.hours, when.state, schedules.get(when.hours)))
    found += [_header(name, pattern) for name, pattern in when.header.items()]
    return tuple(found)


def _number(what: str, wanted: tuple[str, ...], lists: Mapping[str, tuple[str, ...]]) -> Condition:
    exact: set[str] = set()
    starts: list[str] = []
    for entry in wanted:
        for pattern in lists.get(entry, (entry,)):
            if pattern.endswith("*"):
                starts.append(pattern[:-1])
            else:
                exact.add(pattern)
    prefixes = tuple(starts)

    def caller(facts: Facts) -> bool:
        return facts.caller in exact or facts.caller.startswith(prefixes)

    def called(facts: Facts) -> bool:
        return facts.called in exact or facts.called.startswith(prefixes)

    test = caller if what == "caller" else called
    names = " or ".join(f"in list {e}" if e in lists else e for e in wanted)

    def why(facts: Facts) -> str:
        number = facts.caller if what == "caller" else facts.called
        return f"{what} {number} is {'' if test(facts) else 'not '}{names}"

    return Condition(test, why)


def _language(wanted: tuple[str, ...]) -> Condition:
    accepted = frozenset(wanted)

    def test(facts: Facts) -> bool:
        return facts.language in accepted

    def why(facts: Facts) -> str:
        rest = "" if test(facts) else f", not {' or '.join(wanted)}"
        return f"the language of the number is {facts.language}{rest}"

    return Condition(test, why)


def _hours(name: str, state: str, schedule: Schedule | None) -> Condition:
    """Hours that are not in the plan are closed: `dialplans.lint` refuses such a plan."""
    wanted = state == "open"

    def test(facts: Facts) -> bool:
        known = facts.hours.get(name)
        if known is None:
            known = schedule is not None and is_open(schedule, facts.local)
            facts.hours[name] = known
        return known is wanted

    def why(facts: Facts) -> str:
        if schedule is None:
            return f"there are no hours {name}"
        rest = "" if test(facts) else f", and the rule wants them {state}"
        return verdict(schedule, facts.local).because + rest

    return Condition(test, why)


def _header(name: str, pattern: str) -> Condition:
    """Names without regard to case (RFC 3261 §7.3.1), values with."""
    key = name.lower()
    like = matcher(pattern)

    def test(facts: Facts) -> bool:
        value = facts.headers.get(key)
        return value is not None and like(value)

    def why(facts: Facts) -> str:
        value = facts.headers.get(key)
        if value is None:
            return f"there is no header {name}"
        shown = value if len(value) <= SHOWN else f"{value[: SHOWN - 1]}…"
        return f'header {name} is "{shown}", {"as in" if test(facts) else "not"} "{pattern}"'

    return Condition(test, why)
