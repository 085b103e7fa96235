"""The engine's first answer: which rule decides about a call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dialplans.engine.compiled import Compiled, compiled, revision_reader
from dialplans.engine.conditions import Facts
from dialplans.engine.decision import HANG_UP, Decision, Destination, Refusal, Step, destination
from dialplans.engine.ruleset import CompiledRule
from dialplans.model import Dialplan, Reject
from dialplans.telephony.call import CallContext


def route(plan: Dialplan, call: CallContext, now: datetime) -> Decision:
    """Pure: the same plan, call and moment give the same decision on every machine.

    `now` is aware; hours are read in the time zone of the number that was called. A number that is
    not ours is refused with 404 (RFC 3261 §21.4.5). Raises ValueError for a naive `now`.
    """
    if now.tzinfo is None:
        raise ValueError("now must say its time zone")
    ready = compiled(plan)
    facts = ready.facts(call, now)
    number = plan.numbers.get(call.called)
    revision = revision_reader(plan)
    if number is None:
        refused = no_such_number(call.called)
        step = Step("numbers", False, refused.because)
        there = Destination("reject", "404", {"code": 404})
        return Decision(there, facts.language, facts.local, refused, lambda: (step,), revision)

    ruleset = ready.rules(number.route)
    found = ruleset.first(facts)
    if found is None:
        return _no_rule(plan, call, ready, facts)
    rule = ruleset.rules[found]
    there = destination(rule.rule.do, call, facts.language)
    trace = _trace(ruleset.rules[: found + 1], facts)
    why = refusal_by(rule, facts) if isinstance(rule.rule.do, Reject) else None
    spoken = plan.language_at(there.kind, there.name, facts.language)
    return Decision(there, spoken, facts.local, why, trace, revision)


def no_such_number(called: str) -> Refusal:
    return Refusal(404, "no_such_number", f"{called} is not a number of this plan")


def refusal_by(rule: CompiledRule, facts: Facts) -> Refusal:
    """A rule that rejects a caller by number is a block; any other is the plan's own will."""
    code = rule.rule.do.reject if isinstance(rule.rule.do, Reject) else 603
    reason = "blocked" if rule.rule.when.caller else "rejected_by_plan"
    return Refusal(code, reason, f"{rule.step(facts).because} ({rule.label})")


def _no_rule(plan: Dialplan, call: CallContext, ready: Compiled, facts: Facts) -> Decision:
    """A plan that was checked never comes here; one that was not still does not fall silent."""
    rules = ready.rules(plan.numbers[call.called].route).rules
    otherwise = plan.defaults.otherwise
    there = destination(otherwise, call, facts.language) if otherwise else Destination(HANG_UP)
    last = Step("defaults", True, "no rule matched")
    before = _trace(rules, facts)
    return Decision(
        there,
        facts.language,
        facts.local,
        None,
        lambda: (*before(), last),
        revision_reader(plan),
    )


def _trace(rules: tuple[CompiledRule, ...], facts: Facts) -> Callable[[], tuple[Step, ...]]:
    return lambda: tuple(rule.step(facts) for rule in rules)
