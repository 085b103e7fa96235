"""Where a plan and its mutant can differ at all, so that nothing else is looked at: a plan of many
numbers has thousands of moments for each, and a mutant changes the day of a few."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from dialplans.analysis.mutation.mutants import Mutant
from dialplans.analysis.mutation.probes import Terrain
from dialplans.analysis.walk import instant
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.hours import Schedule, is_open
from dialplans.model import Dialplan, PlanTest

OF_HOURS = frozenset({"hours", "holidays", "override"})
OF_CLOCK = OF_HOURS | {"timezone"}
LATER = frozenset({"personas", "menus", "queues", "targets"})
"""Nothing of these is asked before something happens to a call."""


class Clock:
    """When the hours of a plan and of its mutant differ. Only hours that changed are looked at
    again, and of their days only those that changed."""

    def __init__(self, terrain: Terrain, broken: Dialplan) -> None:
        self._terrain = terrain
        self.broken = CompiledPlan(broken)
        self._mine, self._theirs = terrain.compiled, self.broken
        self._known: dict[tuple[ZoneInfo, ZoneInfo], tuple[datetime, ...]] = {}

    @cached_property
    def moved(self) -> frozenset[str]:
        """Hours that are not what they were."""
        theirs = self._theirs.schedules
        return frozenset(n for n, s in self._mine.schedules.items() if theirs.get(n) != s)

    def differing(self, called: str) -> tuple[datetime, ...]:
        """Moments at which some hours are open in one plan and closed in the other; every
        combination of the others once."""
        zones = self._mine.zone(called), self._theirs.zone(called)
        known = self._known.get(zones)
        if known is None:
            known = self._known[zones] = tuple(self._found(*zones))
        return known

    def differs_at(self, called: str, moment: datetime) -> bool:
        mine, theirs = self._mine.schedules, self._theirs.schedules
        here = moment.astimezone(self._mine.zone(called))
        there = moment.astimezone(self._theirs.zone(called))
        return any(is_open(mine[n], here) != is_open(theirs[n], there) for n in self.moved)

    def _found(self, zone: ZoneInfo, other_zone: ZoneInfo) -> Iterator[datetime]:
        mine, theirs = self._mine.schedules, self._theirs.schedules
        names = self.moved if zone is other_zone else mine.keys()
        seen: set[tuple[bool, ...]] = set()
        for day, moments in self._terrain.by_day(zone).items():
            asked = [n for n in names if zone is not other_zone or _moved(mine[n], theirs[n], day)]
            if not asked:
                continue
            for moment in moments:
                there = moment if zone is other_zone else moment.astimezone(other_zone)
                if all(is_open(mine[n], moment) == is_open(theirs[n], there) for n in asked):
                    continue
                before = tuple(is_open(s, moment) for s in mine.values())
                after = tuple(is_open(s, there) for s in theirs.values())
                if (kind := before + after) not in seen:
                    seen.add(kind)
                    yield moment


def _moved(mine: Schedule, theirs: Schedule, day: date) -> bool:
    return mine.overrides != theirs.overrides or mine.day(day)[0] != theirs.day(day)[0]


def may_notice(plan: Dialplan, test: PlanTest, mutant: Mutant, clock: Clock) -> bool:
    """Whether a test can fail for the mutant; also true if nobody can say."""
    if mutant.section in LATER and not test.events:
        return False
    if not may_differ(plan, test.called, mutant, clock):
        return False
    return mutant.section not in OF_HOURS or clock.differs_at(test.called, instant(plan, test.at))


def may_differ(plan: Dialplan, called: str, mutant: Mutant, clock: Clock) -> bool:
    """Whether a call to this number can go elsewhere in the mutant's plan, as far as the rules tell
    that it asks; also true if nobody can say."""
    number = plan.numbers.get(called)
    if number is None:
        return True
    rules = plan.routes.get(number.route, ())
    if mutant.section == "numbers":
        return bool(mutant.path[1] == called)
    if mutant.section == "routes":
        return bool(mutant.path[1] == number.route)
    if mutant.section == "lists":
        return any(mutant.path[1] in (*r.when.caller, *r.when.called) for r in rules)
    if mutant.section in OF_HOURS:
        return any(r.when.hours in clock.moved for r in rules)
    return True
