"""The test that is missing: a call on which a plan and its mutant do not agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from dialplans.analysis.mutation.differing import OF_CLOCK, Clock, may_differ
from dialplans.analysis.mutation.mutants import Mutant
from dialplans.analysis.mutation.probes import Probe, Terrain
from dialplans.analysis.mutation.reach import happenings_at, reached, walk_probe
from dialplans.analysis.plan_tests import passes
from dialplans.analysis.walk import instant
from dialplans.model import Dialplan, PlanTest

_OF_DOOR = frozenset({"trunks", "lists", "numbers", "routes"}) | OF_CLOCK


@dataclass(frozen=True)
class Ground:
    """A plan whose gaps are looked for. Work that all mutants share is done once."""

    plan: Dialplan
    start: date

    @cached_property
    def terrain(self) -> Terrain:
        return Terrain(self.plan, self.start)

    @cached_property
    def reached(self) -> dict[str, Probe]:
        return reached(self.terrain)

    @cached_property
    def paths(self) -> dict[str, tuple[str, ...]]:
        """What the plan does with a probe; asked again for many mutants."""
        return {}

    def path(self, probe: Probe) -> tuple[str, ...]:
        key = repr(probe)
        known = self.paths.get(key)
        if known is None:
            known = self.paths[key] = walk_probe(self.terrain.compiled, probe).path
        return known


def telling_test(ground: Ground, mutant: Mutant, clock: Clock) -> PlanTest | None:
    """A test that holds for the plan and fails for the mutant, or None if no call tells them
    apart."""
    mine, broken = ground.terrain.compiled, clock.broken
    for probe in _probes(ground, mutant, clock):
        path = ground.path(probe)
        if path == walk_probe(broken, probe).path:
            continue
        for with_offset in (False, True):
            test = _test(ground.plan, probe, path, mutant, with_offset)
            if passes(mine, test) and not passes(broken, test):
                return test
    return None


def _probes(ground: Ground, mutant: Mutant, clock: Clock) -> Iterator[Probe]:
    if mutant.section in _OF_DOOR:
        yield from _at_the_door(ground, mutant, clock)
    else:
        yield from _later(ground, mutant, clock.broken.plan)


def _at_the_door(ground: Ground, mutant: Mutant, clock: Clock) -> Iterator[Probe]:
    mine, theirs = ground.terrain, Terrain(clock.broken.plan, ground.start)
    numbers = mine.numbers
    if mutant.section == "numbers":
        numbers = (mutant.path[1],)
    asks_callers = mutant.section in ("lists", "routes")
    callers = mine.callers(theirs) if asks_callers else mine.callers()
    headers = (*mine.headers, *(h for h in theirs.headers if h not in mine.headers))
    for called in numbers:
        if not may_differ(ground.plan, called, mutant, clock):
            continue
        trunk = ground.plan.numbers[called].trunk
        addresses: tuple[str | None, ...] = (None,)
        if mutant.section == "trunks":
            addresses = (*mine.addresses(trunk or ""), *theirs.addresses(trunk or ""))
        by_clock = mutant.section in OF_CLOCK or "timezone" in mutant.path
        for moment in clock.differing(called) if by_clock else mine.kinds_of_moment(called):
            for caller in callers:
                for asked in headers:
                    for address in addresses:
                        yield Probe(called, caller, moment, address, asked)


def _later(ground: Ground, mutant: Mutant, broken: Dialplan) -> Iterator[Probe]:
    """At the place that was changed first; a persona may be extended, a default is everywhere."""
    kind = mutant.section.removesuffix("s")
    named = f"{kind} {mutant.path[1]}" if len(mutant.path) > 1 else ""
    places = sorted(ground.reached, key=lambda place: place != named)
    for place in places:
        probe = ground.reached[place]
        tried: set[tuple[str, ...]] = set()
        for plan in (ground.plan, broken):
            for events in happenings_at(plan, place):
                if events not in tried:
                    tried.add(events)
                    yield probe.then(*events)


def _test(
    plan: Dialplan, probe: Probe, path: tuple[str, ...], mutant: Mutant, with_offset: bool
) -> PlanTest:
    local = probe.at.astimezone(ZoneInfo(plan.timezone))
    naive = local.replace(tzinfo=None)
    plain = not with_offset and instant(plan, naive) == probe.at
    return PlanTest.model_validate(
        {
            "name": f"{mutant.where} {mutant.was}",
            "to": probe.called,
            "from": probe.caller,
            "at": naive if plain else local,
            "address": probe.address,
            "headers": dict(probe.headers),
            "events": probe.events,
            "expect": path,
        }
    )


def as_mapping(test: PlanTest) -> dict[str, Any]:
    """A test as it stands in a file, without what need not be said."""
    fields: dict[str, Any] = {
        "name": test.name,
        "to": test.called,
        "from": test.caller,
        "at": test.at.isoformat(" ", "minutes"),
    }
    if test.address is not None:
        fields["address"] = test.address
    if test.headers:
        fields["headers"] = dict(test.headers)
    if test.events:
        fields["events"] = list(test.events)
    fields["expect"] = list(test.expect)
    return fields


def as_yaml(tests: tuple[PlanTest, ...]) -> str:
    """Lines to paste under `tests:`. JSON strings are YAML strings."""
    return "".join(f"  - {_flow(as_mapping(test))}\n" for test in tests)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if key.replace("-", "").isalnum() else json.dumps(key)
