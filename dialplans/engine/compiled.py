"""A plan made ready for calls, once: rules become functions, names become what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dialplans.engine.conditions import Facts, Test, conditions
from dialplans.engine.hours import Schedule, schedule
from dialplans.engine.ruleset import CompiledRule, RuleSet, arranged
from dialplans.model import Dialplan, Reject, Rule
from dialplans.telephony.call import CallContext
from dialplans.telephony.wildcards import LONGEST


class CompiledPlan:
    """Whoever decides about more than one call keeps it: nothing else remembers the work.

    Routes are compiled when first asked for: a change to one rule costs one route. `revision` is
    the one the plan goes by, empty for a plan that never had one.
    """

    def __init__(self, plan: Dialplan, revision: str = "") -> None:
        self.plan = plan
        self.revision = revision
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
            rules = self.plan.routes.get(route, ())
            built = tuple(self._rule(route, i, rule) for i, rule in enumerate(rules, 1))
            known = self._done[route] = arranged(built, self.plan.lists)
        return known

    def _rule(self, route: str, position: int, rule: Rule) -> CompiledRule:
        label = f"{route} rule {position}" + (f" ({rule.name})" if rule.name else "")
        blocks = isinstance(rule.do, Reject)
        parts = conditions(rule.when, self.plan.lists, self.schedules, blocks=blocks)
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
