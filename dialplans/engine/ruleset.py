"""The rules of one route, arranged so that the first match is found without asking them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dialplans.engine.conditions import Condition, Facts, Test
from dialplans.engine.decision import Step
from dialplans.model import Rule

FEW = 12
"""So many rules are asked one after the other; arranging them would take longer."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    label: str
    rule: Rule
    conditions: tuple[Condition, ...]
    test: Test

    def step(self, facts: Facts) -> Step:
        """The sentence names what failed first, or everything that held."""
        missed = next((c for c in self.conditions if not c.test(facts)), None)
        if missed is not None:
            return Step(self.label, False, missed.why(facts))
        held = " and ".join(c.why(facts) for c in self.conditions)
        return Step(self.label, True, held or "it matches every call")


@dataclass(frozen=True)
class RuleSet:
    """Rules in order, and three ways to leave out those that cannot match.

    A rule that asks for callers stands under each of its numbers and prefixes; one that asks for
    a header, under the header's name; any other is always asked. What is left is asked in order,
    so the answer is the one that asking all of them would give.
    """

    rules: tuple[CompiledRule, ...]
    always: tuple[int, ...] = ()
    numbers: dict[str, list[int]] = field(default_factory=dict)
    prefixes: dict[str, list[int]] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()
    headers: dict[str, list[int]] = field(default_factory=dict)

    def first(self, facts: Facts) -> int | None:
        """The position of the first rule that matches, or None if none does."""
        asked = range(len(self.rules)) if len(self.rules) <= FEW else self._candidates(facts)
        rules = self.rules
        return next((i for i in asked if rules[i].test(facts)), None)

    def _candidates(self, facts: Facts) -> Iterable[int]:
        found = [*self.always, *self._asking_for(facts.caller)]
        if facts.asserted:
            found += self._asking_for(facts.asserted)
        for name in facts.headers:
            found += self.headers.get(name, ())
        found.sort()
        return found

    def _asking_for(self, caller: str) -> Iterable[int]:
        yield from self.numbers.get(caller, ())
        for length in self.lengths:
            yield from self.prefixes.get(caller[:length], ())


def arranged(rules: tuple[CompiledRule, ...], lists: Mapping[str, tuple[str, ...]]) -> RuleSet:
    always: list[int] = []
    numbers: dict[str, list[int]] = {}
    prefixes: dict[str, list[int]] = {}
    headers: dict[str, list[int]] = {}
    for position, rule in enumerate(rules):
        when = rule.rule.when
        patterns = {p for entry in when.caller for p in lists.get(entry, (entry,))}
        for pattern in patterns:
            start = pattern.removesuffix("*")
            (prefixes if start != pattern else numbers).setdefault(start, []).append(position)
        if when.header and not patterns:
            headers.setdefault(next(iter(when.header)).lower(), []).append(position)
        elif not when.caller:
            always.append(position)
    lengths = tuple(sorted({len(start) for start in prefixes}))
    return RuleSet(rules, tuple(always), numbers, prefixes, lengths, headers)
