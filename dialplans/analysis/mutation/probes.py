"""Calls worth trying: for every way in which a plan can tell calls apart, one call of each side.

Two plans that treat all of them alike treat all calls alike, as far as a path shows it. That holds
because conditions only ever ask for classes (a list, open or closed, a pattern), and each class
has a member here, minutes on both sides of every edge included.
"""

from __future__ import annotations

import ipaddress
from calendar import isleap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import product
from zoneinfo import ZoneInfo

from dialplans.analysis.plan_tests import TEST_CALL
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import drawn
from dialplans.engine.hours import is_open
from dialplans.model import DAYS, DateSpan, Dialplan, Split, When
from dialplans.model.values.times import FIRST_YEAR, LAST_YEAR, day_after
from dialplans.telephony.call import ANONYMOUS, CallContext
from dialplans.telephony.wildcards import matches

NEUTRAL = ("+4915112345678", "+447700900123", "+12125550199", "+33612345678", "+819012345678")
"""Callers nobody has heard of; the first that no pattern of the plan covers is used."""
TRIES = 3000
"""So many callers are drawn to find one that falls between two percentages."""
DAY = 24 * 60
CALLABLE = range(FIRST_YEAR + 1, LAST_YEAR)
"""No test can ask about a call in another year, whatever the zone."""
_ADDRESSES = {4: 2**32, 6: 2**128}


@dataclass(frozen=True)
class Probe:
    called: str
    caller: str
    at: datetime
    address: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()

    @property
    def call(self) -> CallContext:
        """As it is sent; `dialplans.engine.received` reads what its headers say."""
        return CallContext(self.called, self.caller, TEST_CALL, None, self.address, self.headers)

    def then(self, *events: str) -> Probe:
        return replace(self, events=(*self.events, *events))


@dataclass(frozen=True)
class Terrain:
    """What can be asked of a plan, worked out once; `start` is the day near which times lie."""

    plan: Dialplan
    start: date

    @cached_property
    def compiled(self) -> CompiledPlan:
        return CompiledPlan(self.plan)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """One number of each kind: same route, zone, language and trunk."""
        kinds: dict[object, str] = {}
        for key, n in self.plan.numbers.items():
            kind = (n.route, self.plan.timezone_of(key), self.plan.language_of(key), n.trunk)
            kinds.setdefault(kind if not self._asks_called else key, key)
        return tuple(kinds.values())

    @cached_property
    def _asks_called(self) -> bool:
        return any(rule.when.called for rules in self.plan.routes.values() for rule in rules)

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """Everything the plan compares callers with."""
        rules = (rule for rules in self.plan.routes.values() for rule in rules)
        direct = (p for rule in rules for p in rule.when.caller if p not in self.plan.lists)
        listed = (p for entries in self.plan.lists.values() for p in entries)
        return tuple(dict.fromkeys([*listed, *direct]))

    @cached_property
    def neutral(self) -> str:
        free = (n for n in NEUTRAL if not any(matches(p, n) for p in self.patterns))
        return next(free, NEUTRAL[0])

    def callers(self, other: Terrain | None = None) -> tuple[str, ...]:
        """One caller for each set of patterns that can hold at once, in either plan; for each
        split, one for each of its branches, and one on whom the two plans do not agree."""
        patterns = tuple(dict.fromkeys((*self.patterns, *(other.patterns if other else ()))))
        kinds: dict[tuple[bool, ...], str] = {}
        for number in (self.neutral, ANONYMOUS, *_members(patterns)):
            kinds.setdefault(tuple(matches(p, number) for p in patterns), number)
        between = self._between(other) if other is not None else ()
        return tuple(dict.fromkeys([*kinds.values(), *self._branches, *between]))

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        actions = [r.do for rules in self.plan.routes.values() for r in rules]
        return tuple(action for action in actions if isinstance(action, Split))

    @cached_property
    def _branches(self) -> tuple[str, ...]:
        found: dict[tuple[int, str], str] = {}
        for index, split in enumerate(self.splits):
            for caller in self._series(TRIES if split.sticky == "caller" else 1):
                share = drawn(split, CallContext("", caller, TEST_CALL))
                found.setdefault((index, str(share)), caller)
                if sum(1 for i, _ in found if i == index) == len(split.split):
                    break
        return tuple(dict.fromkeys(found.values()))

    def _between(self, other: Terrain) -> Iterator[str]:
        for mine, theirs in zip(self.splits, other.splits, strict=False):
            if mine == theirs:
                continue
            for caller in self._series(TRIES):
                call = CallContext("", caller, TEST_CALL)
                if str(drawn(mine, call)) != str(drawn(theirs, call)):
                    yield caller
                    break

    def _series(self, count: int) -> Iterator[str]:
        return (f"{self.neutral[:-4]}{n:04d}" for n in range(count))

    @cached_property
    def headers(self) -> tuple[Mapping[str, str], ...]:
        """None at all, and for each rule that asks for some: just enough, and a letter more; with
        them whatever says that a call was forwarded, or who a trusted trunk says is calling."""
        found: list[Mapping[str, str]] = [{}]
        for rules in self.plan.routes.values():
            for rule in rules:
                for filling in ("", "x"):
                    asked = {k: v.replace("*", filling) for k, v in rule.when.header.items()}
                    found += [{**asked, **told} for told in self._told(rule.when)]
        if any(trunk.trusted for trunk in self.plan.trunks.values()):
            asserted = [p for p in self.patterns if p != ANONYMOUS]
            found += [{"P-Asserted-Identity": f"<tel:{n}>"} for n in _members(tuple(asserted))]
        return tuple(each for n, each in enumerate(found) if each not in found[:n])

    def _told(self, when: When) -> Iterator[Mapping[str, str]]:
        """Headers that give a call each of the pasts that a rule asks for."""
        pasts = [
            [{header: f"<tel:{number}>"} for number in self._asked_of(getattr(when, name))] or [{}]
            for name, header in (("forwarded_from", "Diversion"), ("dialled", "To"))
        ]
        for forwarded, dialled in product(*pasts):
            yield {**forwarded, **dialled}

    def _asked_of(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        listed = (p for entry in wanted for p in self.plan.lists.get(entry, (entry,)))
        patterns = tuple(dict.fromkeys(listed))
        hidden = ("anonymous",) if ANONYMOUS in patterns else ()
        return (*hidden, *_members(patterns))

    def addresses(self, trunk: str) -> tuple[str, ...]:
        """The first and last address of each range, and their neighbours outside."""
        found: list[str] = []
        for entry in self.plan.trunks[trunk].allow if trunk in self.plan.trunks else ():
            network = ipaddress.ip_network(entry)
            first, last = int(network[0]), int(network[-1])
            known = (
                n
                for n in (first, last, last + 1, first - 1)
                if 0 <= n < _ADDRESSES[network.version]
            )
            found += [str(type(network[0])(n)) for n in known]
        return tuple(dict.fromkeys(found))

    def moments(self, zone: ZoneInfo) -> tuple[datetime, ...]:
        """Both sides of every edge, on a common day of each kind and around every special one."""
        known = self._moments.get(str(zone))
        if known is None:
            days, minutes = self._days, self._minutes
            walls = [
                datetime(d.year, d.month, d.day, m // 60, m % 60, tzinfo=zone)
                for d in days
                for m in minutes
            ]
            near = (m for m in (*walls, *self._switches(zone)) if m.year in CALLABLE)
            known = self._moments[str(zone)] = tuple(near)
        return known

    def by_day(self, zone: ZoneInfo) -> Mapping[date, tuple[datetime, ...]]:
        """The same moments, those of a day together."""
        known = self._by_day.get(str(zone))
        if known is None:
            days: dict[date, list[datetime]] = {}
            for moment in self.moments(zone):
                days.setdefault(moment.date(), []).append(moment)
            known = self._by_day[str(zone)] = {d: tuple(found) for d, found in days.items()}
        return known

    @cached_property
    def _by_day(self) -> dict[str, Mapping[date, tuple[datetime, ...]]]:
        return {}

    @cached_property
    def _moments(self) -> dict[str, tuple[datetime, ...]]:
        return {}

    def kinds_of_moment(self, called: str) -> tuple[datetime, ...]:
        """One moment for each combination of open and closed hours."""
        ready = self.compiled
        zone = ready.zone(called)
        known = self._kinds_of_moment.get(str(zone))
        if known is None:
            kinds: dict[tuple[bool, ...], datetime] = {}
            for moment in self.moments(zone):
                kinds.setdefault(
                    tuple(is_open(s, moment) for s in ready.schedules.values()), moment
                )
            known = self._kinds_of_moment[str(zone)] = tuple(kinds.values())
        return known

    @cached_property
    def _kinds_of_moment(self) -> dict[str, tuple[datetime, ...]]:
        return {}

    @cached_property
    def _minutes(self) -> tuple[int, ...]:
        ranges = [r for h in self.plan.hours.values() for rs in h.week.values() for r in rs]
        special = (self.plan.holidays, *(h.holidays or {} for h in self.plan.hours.values()))
        ranges += [r for holidays in special for rs in holidays.values() for r in rs]
        edges = {m for r in ranges for e in (r.opens, r.closes) for m in (e - 1, e)}
        return tuple(sorted(m for m in {*edges, 12 * 60} if 0 <= m < DAY))

    @cached_property
    def _days(self) -> tuple[date, ...]:
        special = [self.plan.holidays, *(h.holidays or {} for h in self.plan.hours.values())]
        spans = [span for holidays in special for span in holidays]
        common = (self.start + timedelta(days=n) for n in range(400))
        week: dict[int, date] = {}
        for day in common:
            if not any(s.covers(day) for s in spans):
                week.setdefault(day.weekday(), day)
            if len(week) == len(range(7)):
                break
        around = [day for span in spans for day in self._around(span)]
        return tuple(dict.fromkeys([*week.values(), *around]))

    def _around(self, span: DateSpan) -> tuple[date, ...]:
        """A day of the span on which some hours would be open, and the days around its edges."""
        once = span if span.first[0] is not None else self._next_time(span)
        if once is None:
            return ()
        first = date(once.first[0] or 0, *once.first[1:])
        last = date(once.last[0] or 0, *once.last[1:])
        asked = max(first, date(CALLABLE[0], 1, 1))
        inside = [d for n in range(len(DAYS)) if (d := day_after(asked, n)) and d <= last]
        busy = (d for d in inside if any(h.ranges(d.weekday()) for h in self.plan.hours.values()))
        around = (next(busy, asked), day_after(first, -1), day_after(last), first, last)
        return tuple(dict.fromkeys(day for day in around if day is not None))

    def _next_time(self, span: DateSpan) -> DateSpan | None:
        """A yearly span, the first time that it is after `start`; 29 February may take years."""
        days = (self.start + timedelta(days=n) for n in range(9 * 366))
        first = next((d for d in days if (d.month, d.day) == span.first[1:]), None)
        if first is None:
            return None
        year = first.year + (span.last[1:] < span.first[1:])
        month, number = span.last[1:]
        if (month, number) == (2, 29) and not isleap(year):
            number = 28
        return DateSpan((first.year, first.month, first.day), (year, month, number))

    def _switches(self, zone: ZoneInfo) -> Iterator[datetime]:
        for override in self.plan.override:
            for edge in (override.begins, override.until):
                if edge is not None and edge.year in CALLABLE:
                    wall = edge if edge.tzinfo else edge.replace(tzinfo=zone)
                    for minutes in (-1, 0, 1):
                        yield wall.astimezone(zone) + timedelta(minutes=minutes)
            if override.until.tzinfo is None and override.until.year in CALLABLE:
                before = override.until.date() - timedelta(days=1)
                for hour in (3, 12):
                    yield datetime(before.year, before.month, before.day, hour, tzinfo=zone)


def _members(patterns: tuple[str, ...]) -> Iterator[str]:
    """Numbers that a pattern covers, and neighbours that it does not."""
    for pattern in patterns:
        if pattern == ANONYMOUS:
            continue
        start = pattern.rstrip("*")
        if not pattern.endswith("*"):
            yield start
            yield f"{start[:-1]}{(int(start[-1]) + 1) % 10}"
            continue
        for digit in "1234567890":
            yield (start or "+") + digit * max(2, 11 - len(start))
