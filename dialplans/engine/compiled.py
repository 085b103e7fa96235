"""A plan made ready for calls, once: rules become functions, names become what they stand for."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dialplans.engine.conditions import Facts, Test, conditions
from dialplans.engine.fingerprint import revision_of
from dialplans.engine.hours import Schedule, schedule
from dialplans.engine.ruleset import CompiledRule, RuleSet, arranged
from dialplans.model import Dialplan, Reject, Rule
from dialplans.telephony.call import CallContext
from dialplans.telephony.wildcards import LONGEST


class Compiled:
    """Holds parts of the plan but never the plan, so that a plan nobody uses any more is freed.

    Routes are compiled when first asked for: a change to one rule costs one route.
    """

    def __init__(self, plan: Dialplan) -> None:
        self._routes: Mapping[str, tuple[Rule, ...]] = plan.routes
        self._lists = plan.lists
        self._timezone = plan.timezone
        self._languages = {key: plan.language_of(key) for key in plan.numbers}
        self._default_language = plan.defaults.language
        self._zones = {key: ZoneInfo(plan.timezone_of(key)) for key in plan.numbers}
        self._default_zone = ZoneInfo(plan.timezone)
        self.schedules: Mapping[str, Schedule] = {n: schedule(plan, n) for n in plan.hours}
        self._done: dict[str, RuleSet] = {}

    def zone(self, called: str) -> ZoneInfo:
        return self._zones.get(called, self._default_zone)

    def facts(self, call: CallContext, now: datetime) -> Facts:
        return Facts(
            call.called,
            call.caller,
            self._languages.get(call.called, self._default_language),
            # By way of UTC: a time that the clocks of its own zone skip would stay what it is.
            now.astimezone(UTC).astimezone(self.zone(call.called)),
            {k.lower(): v[:LONGEST] for k, v in call.headers.items()},
            call.forwarded_from,
            call.dialled,
            call.asserted,
        )

    def rules(self, route: str) -> RuleSet:
        known = self._done.get(route)
        if known is None:
            rules = self._routes.get(route, ())
            built = tuple(self._rule(route, i, rule) for i, rule in enumerate(rules, 1))
            known = self._done[route] = arranged(built, self._lists)
        return known

    def _rule(self, route: str, position: int, rule: Rule) -> CompiledRule:
        label = f"{route} rule {position}" + (f" ({rule.name})" if rule.name else "")
        blocks = isinstance(rule.do, Reject)
        parts = conditions(rule.when, self._lists, self.schedules, blocks=blocks)
        return CompiledRule(label, rule, parts, _all(tuple(c.test for c in parts)))


def _all(tests: tuple[Test, ...]) -> Test:
    if not tests:
        return lambda facts: True
    if len(tests) == 1:
        return tests[0]
    first, *others = tests
    rest = tuple(others)

    def every(facts: Facts) -> bool:
        if not first(facts):
            return False
        return all(test(facts) for test in rest)

    return every


_compiled: dict[int, tuple[weakref.ref[Dialplan], Compiled]] = {}


def compiled(plan: Dialplan) -> Compiled:
    """The same answer for the same plan object; plans never change, so its identity is enough."""
    key = id(plan)
    known = _compiled.get(key)
    if known is not None and known[0]() is plan:
        return known[1]
    made = Compiled(plan)
    _compiled[key] = (weakref.ref(plan, lambda _: _compiled.pop(key, None)), made)
    return made


_names: dict[int, tuple[weakref.ref[Dialplan], str]] = {}


def name_revision(plan: Dialplan, revision: str) -> None:
    """Remember by which revision a plan goes: a plan alone does not hold the text of its prompts,
    which is part of its meaning."""
    key = id(plan)
    _names[key] = (weakref.ref(plan, lambda _: _names.pop(key, None)), revision)


def revision_reader(plan: Dialplan) -> Callable[[], str]:
    """The revision, worked out only if asked for, and only once if nobody gave it a name."""
    known = _names.get(id(plan))
    if known is not None and known[0]() is plan:
        revision = known[1]
        return lambda: revision
    held = weakref.ref(plan)

    def read() -> str:
        there = held()
        if there is None:
            return ""
        named = _names.get(id(there))
        if named is None or named[0]() is not there:
            name_revision(there, revision_of(there, {}))
        return _names[id(there)][1]

    return read
