"""How good a plan's tests are: the plan is broken in small ways, and the tests should notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from dialplans.analysis.mutation.differing import Clock, may_notice
from dialplans.analysis.mutation.mutants import Mutant
from dialplans.analysis.mutation.mutants_of_hours import of_hours
from dialplans.analysis.mutation.mutants_of_places import of_places
from dialplans.analysis.mutation.mutants_of_rules import of_rules
from dialplans.analysis.mutation.suggest import Ground, as_mapping, as_yaml, telling_test
from dialplans.analysis.plan_tests import passes
from dialplans.language.build import build, place_of
from dialplans.language.load import Loaded
from dialplans.language.problems import Place
from dialplans.model import Dialplan, PlanTest
from dialplans.model.resolve import resolve

SOME_DAY = date(2026, 1, 5)
"""Times of suggested tests lie after the first test of the plan, or after this day."""


@dataclass(frozen=True)
class Found:
    """A mutant that no test noticed, and where in the file the changed value stands."""

    mutant: Mutant
    place: Place

    def as_json(self) -> dict[str, Any]:
        return {"file": self.place.file, "line": self.place.line, "what": self.mutant.what}

    def text(self) -> str:
        return f"{self.place}: {self.mutant.what}"


@dataclass(frozen=True)
class Mutation:
    mutants: int
    killed: int
    equal: tuple[Found, ...]
    """No call could tell these from the plan: what they change is never asked."""
    survived: tuple[Found, ...]
    suggested: tuple[PlanTest, ...]
    """Together they notice every survivor; only if they were asked for."""
    failing: tuple[str, ...]
    """Tests that fail without any change; they were left out."""

    @property
    def score(self) -> float:
        """Killed, of those that are not equal: 1.0 if every possible test is there."""
        possible = self.mutants - len(self.equal)
        return self.killed / possible if possible else 1.0

    def as_json(self) -> dict[str, Any]:
        return {
            "mutants": self.mutants,
            "killed": self.killed,
            "equal": len(self.equal),
            "score": round(self.score, 4),
            "survived": [found.as_json() for found in self.survived],
            "suggested": [as_mapping(test) for test in self.suggested],
            "equals": [found.as_json() for found in self.equal],
            "failing": list(self.failing),
        }

    def text(self) -> str:
        lines = [f"fails without any change: {name}" for name in self.failing]
        lines += [f"nobody notices  {found.text()}" for found in self.survived]
        lines += [f"equal           {found.text()}" for found in self.equal]
        lines.append(
            f"{self.mutants} mutants, {self.killed} killed, {len(self.equal)} equal, "
            f"{len(self.survived)} survived: {self.score:.0%}"
        )
        if self.suggested:
            lines += ["", "Paste these under tests:", as_yaml(self.suggested).rstrip("\n")]
        return "\n".join(lines)


def mutants(written: Dialplan) -> Iterator[Mutant]:
    """`written` is the plan before defaults are filled in, so that a default is changed once."""
    yield from of_hours(written)
    yield from of_rules(written)
    yield from of_places(written)


def mutate(loaded: Loaded, *, suggest: bool = False) -> Mutation:
    """A mutant that no test notices is held against calls of every kind, to tell survivors from
    equal ones; with `suggest`, the calls that tell them apart come back as tests.

    Raises ValueError for a file that holds no plan."""
    written, _ = build(loaded.tree, loaded.folder)
    if loaded.plan is None or written is None:
        raise ValueError(f"{loaded.path} holds no plan")
    plan = loaded.plan
    ground = Ground(plan, _start(plan))
    tests = [test for test in plan.tests if passes(ground.terrain.compiled, test)]
    failing = tuple(test.name for test in plan.tests if test not in tests)
    equal: list[Found] = []
    survived: list[Found] = []
    suggested: list[PlanTest] = []
    count = 0
    for mutant in mutants(written):
        count += 1
        clock = Clock(ground.terrain, resolve(mutant.plan))
        if _noticed(plan, tests, mutant, clock):
            continue
        found = Found(mutant, place_of(loaded.tree, mutant.yaml_path))
        if _noticed(plan, suggested, mutant, clock):
            survived.append(found)
        elif (test := telling_test(ground, mutant, clock)) is not None:
            survived.append(found)
            suggested.append(_named(test, (*plan.tests, *suggested)))
        else:
            equal.append(found)
    killed = count - len(survived) - len(equal)
    missing = tuple(suggested) if suggest else ()
    return Mutation(count, killed, tuple(equal), tuple(survived), missing, failing)


def _noticed(plan: Dialplan, tests: Iterable[PlanTest], mutant: Mutant, clock: Clock) -> bool:
    return any(
        not passes(clock.broken, test) for test in tests if may_notice(plan, test, mutant, clock)
    )


def _named(test: PlanTest, others: tuple[PlanTest, ...]) -> PlanTest:
    """A name that no other test has."""
    taken = {other.name for other in others}
    if test.name not in taken:
        return test
    number = next(n for n in range(2, len(taken) + 3) if f"{test.name}, {n}" not in taken)
    return test.model_copy(update={"name": f"{test.name}, {number}"})


def _start(plan: Dialplan) -> date:
    return min((test.at.date() for test in plan.tests), default=SOME_DAY)
