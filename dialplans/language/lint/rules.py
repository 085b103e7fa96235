"""Rules that can never decide, and routes that do not end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dialplans.language.build import Path
from dialplans.language.lint.shadows import Asked, Seen, expanded
from dialplans.language.lint.view import View
from dialplans.language.problems import Problem
from dialplans.model import Dialplan, Rule, When
from dialplans.speech.language import base_language
from dialplans.telephony.wildcards import covers


def check(view: View) -> Iterator[Problem]:
    plan = view.plan
    entrances: dict[str, list[str]] = {}
    for key, number in plan.numbers.items():
        entrances.setdefault(number.route, []).append(key)
    for name, rules in plan.routes.items():
        if not rules or not rules[-1].when.always:
            hint = "end with a rule without 'when', such as - {do: {persona: NAME}}"
            said = f"route '{name}' does not end with a rule that matches everything"
            yield view.of(("routes", name), "E_NO_CATCH_ALL", said, hint)
        yield from _order(view, name, rules)
        near = Entrances.of(plan, entrances.get(name, []))
        for n, rule in enumerate(rules):
            yield from _never(view, rule.when, ("routes", name, n, "when"), near)


def _order(view: View, name: str, rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """A rule is shadowed if what it asks for is always taken by rules before it."""
    seen = Seen(view.plan)
    always: int | None = None
    for n, rule in enumerate(rules):
        path: Path = ("routes", name, n)
        if always is not None:
            line = view.place("routes", name, always).line
            said = f"this rule is never reached: the one in line {line} matches everything"
            yield view.at(path, "W_UNREACHABLE", said, "move it up or remove it")
            continue
        if rule.when.always:
            always = n
            continue
        asked = Asked.of(view.plan, rule.when)
        if taken := seen.taking(asked):
            lines = sorted({view.place("routes", name, earlier).line for earlier in taken})
            one = f"the one in line {lines[0]} already takes"
            more = f"those from line {lines[0]} on already take"
            said = f"this rule never decides: {one if len(lines) == 1 else more} all its calls"
            yield view.at(path, "W_SHADOWED", said, "move it up or remove it")
        seen.add(asked, n)


@dataclass(frozen=True, slots=True)
class Entrances:
    """The numbers that use a route, worked out once for all its rules."""

    numbers: list[str]
    languages: list[str]

    @classmethod
    def of(cls, plan: Dialplan, numbers: list[str]) -> Entrances:
        return cls(numbers, sorted({plan.language_of(n) for n in numbers}))

    def speak(self, wanted: tuple[str, ...]) -> bool:
        spoken = {s for language in self.languages for s in (language, base_language(language))}
        return not spoken.isdisjoint(wanted)

    def are_called(self, patterns: tuple[str, ...]) -> bool:
        exact = set(patterns)
        wide = [p for p in patterns if p.endswith("*")]
        return any(n in exact or any(covers(p, n) for p in wide) for n in self.numbers)


def _never(view: View, when: When, path: Path, near: Entrances) -> Iterator[Problem]:
    """Conditions that no call on this route can meet."""
    plan = view.plan
    for name in ("caller", "forwarded_from", "dialled"):
        wanted = getattr(when, name)
        if wanted and not any(plan.lists.get(entry, (entry,)) for entry in wanted):
            yield view.at((*path, name), "W_NEVER", "nobody is in these lists")
    if not near.numbers:
        return
    if when.called and not near.are_called(expanded(plan, when.called)):
        said = "none of the numbers with this route is called like that"
        yield view.at((*path, "called"), "W_NEVER", said)
    if when.language and not near.speak(when.language):
        said = f"the numbers with this route speak {', '.join(near.languages[:8])}"
        yield view.at((*path, "language"), "W_NEVER", said)
    hours = when.hours if when.hours in plan.hours else None
    if hours is not None and not any(o.concerns(hours) for o in plan.override):
        days = [plan.hours[hours].ranges(day) for day in range(7)]
        whole = plan.holidays_of(hours)
        if when.state == "open" and not any(days) and not any(whole.values()):
            yield view.at((*path, "hours"), "W_NEVER", f"'{when.hours}' are never open")
        if when.state == "closed" and all(_all_day(d) for d in [*days, *whole.values()]):
            yield view.at((*path, "hours"), "W_NEVER", f"'{when.hours}' are never closed")


def _all_day(ranges: tuple[object, ...]) -> bool:
    return [str(r) for r in ranges] == ["00:00-24:00"]
