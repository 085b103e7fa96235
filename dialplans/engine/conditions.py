"""Conditions of a rule as functions over the facts of a call: one that answers, one that says why.

Both are made once for a plan. Answering happens for every call and must be quick; the sentence is
made only for somebody who reads the trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dialplans.engine.hours import Schedule, is_open, verdict
from dialplans.model import When
from dialplans.telephony.wildcards import matcher


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules may look at, read once for a call. Header names are in lower case, and no value
    is longer than `wildcards.LONGEST`."""

    called: str
    caller: str
    language: str
    local: datetime
    headers: Mapping[str, str]
    forwarded_from: tuple[str, ...] = ()
    dialled: tuple[str, ...] = ()
    asserted: str = ""
    """Who a withheld caller is; asked for by rules that reject, never said."""
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
    when: When,
    lists: Mapping[str, tuple[str, ...]],
    schedules: Mapping[str, Schedule],
    *,
    blocks: bool = False,
) -> tuple[Condition, ...]:
    """In the order in which a person reads them; a rule without any matches everything. A rule that
    `blocks` also looks at who a withheld caller is."""
    found: list[Condition] = []
    if when.caller:
        found.append(_caller(_Numbers.of(when.caller, lists), blocks=blocks))
    if when.called:
        found.append(_called(_Numbers.of(when.called, lists)))
    if when.forwarded_from:
        wanted = _Numbers.of(when.forwarded_from, lists)
        found.append(_passed(wanted, lambda facts: facts.forwarded_from, "forwarded from"))
    if when.dialled:
        wanted = _Numbers.of(when.dialled, lists)
        found.append(_passed(wanted, lambda facts: facts.dialled, "dialled as"))
    if when.language:
        found.append(_language(when.language))
    if when.hours is not None:
        found.append(_hours(when.hours, when.state, schedules.get(when.hours)))
    found += [_header(name, pattern) for name, pattern in when.header.items()]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers that a condition asks for, in a form that is quickly compared."""

    exact: frozenset[str]
    starts: tuple[str, ...]
    words: str

    @classmethod
    def of(cls, wanted: tuple[str, ...], lists: Mapping[str, tuple[str, ...]]) -> _Numbers:
        patterns = [p for entry in wanted for p in lists.get(entry, (entry,))]
        return cls(
            frozenset(p for p in patterns if not p.endswith("*")),
            tuple(p[:-1] for p in patterns if p.endswith("*")),
            " or ".join(f"in list {e}" if e in lists else e for e in wanted),
        )

    def has(self, number: str) -> bool:
        return number in self.exact or number.startswith(self.starts)


def _caller(wanted: _Numbers, *, blocks: bool) -> Condition:
    exact, starts = wanted.exact, wanted.starts

    def shown(facts: Facts) -> bool:
        return facts.caller in exact or facts.caller.startswith(starts)

    def withheld(facts: Facts) -> bool:
        return blocks and bool(facts.asserted) and wanted.has(facts.asserted)

    def test(facts: Facts) -> bool:
        return shown(facts) or withheld(facts)

    def why(facts: Facts) -> str:
        if not shown(facts) and withheld(facts):
            return "the caller withholds a number that this rule is for"
        return f"caller {facts.caller} is {'' if shown(facts) else 'not '}{wanted.words}"

    return Condition(test if blocks else shown, why)


def _called(wanted: _Numbers) -> Condition:
    exact, starts = wanted.exact, wanted.starts

    def test(facts: Facts) -> bool:
        return facts.called in exact or facts.called.startswith(starts)

    def why(facts: Facts) -> str:
        return f"called {facts.called} is {'' if test(facts) else 'not '}{wanted.words}"

    return Condition(test, why)


def _passed(wanted: _Numbers, numbers: Callable[[Facts], tuple[str, ...]], how: str) -> Condition:
    """Where the call was before it came to us; any of these places may be the one asked for."""

    def test(facts: Facts) -> bool:
        return any(map(wanted.has, numbers(facts)))

    def why(facts: Facts) -> str:
        found = next(filter(wanted.has, numbers(facts)), None)
        if found is not None:
            return f"the call was {how} {found}, {wanted.words}"
        there = ", ".join(numbers(facts)) or "no other number"
        return f"the call was {how} {there}, not {wanted.words}"

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
    """Hours that are not in the plan are closed: `dialplans.language.lint` refuses such a plan."""
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
