"""The engine's first answer: which rule decides about a call."""

from __future__ import annotations

from datetime import datetime

from dialplans.contracts.causes import RefusalReason
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.conditions import Facts
from dialplans.engine.decision import Decision, Destination, Refusal, Step, destination
from dialplans.engine.ruleset import CompiledRule
from dialplans.model import PlaceKind, Reject
from dialplans.telephony.call import CallContext


def route(ready: CompiledPlan, call: CallContext, now: datetime) -> Decision:
    """Pure: the same plan, call and moment give the same decision on every machine.

    `now` is aware; hours are read in the time zone of the number that was called. A number that is
    not ours is refused with 404 (RFC 3261 §21.4.5). Raises ValueError for a naive `now`.
    """
    if now.tzinfo is None:
        raise ValueError("now must say its time zone")
    plan, revision = ready.plan, ready.revision
    facts = ready.facts(call, now)
    number = plan.numbers.get(call.called)
    if number is None:
        there = Destination(PlaceKind.REJECT, "404", {"code": 404})
        refused = no_such_number(call.called)
        return Decision(there, facts.language, facts.local, refused, None, revision)

    ruleset = ready.rules(number.route)
    found = ruleset.first(facts)
    if found is None:
        return _no_rule(ready, call, facts)
    rule = ruleset.rules[found]
    there = destination(rule.rule.do, call, facts.language)
    why = refusal_by(rule, facts) if isinstance(rule.rule.do, Reject) else None
    spoken = plan.language_at(there.kind, there.name, facts.language)
    return Decision(there, spoken, facts.local, why, found, revision)


def trace(ready: CompiledPlan, call: CallContext, decision: Decision) -> tuple[Step, ...]:
    """Every rule up to the one that decided, and why each did or did not. Of the plan and the call
    that `decision` is about."""
    number = ready.plan.numbers.get(call.called)
    if number is None:
        return (Step("numbers", False, no_such_number(call.called).because),)
    facts = ready.facts(call, decision.local)
    rules = ready.rules(number.route).rules
    if decision.rule is None:
        last = Step("defaults", True, "no rule matched")
        return (*(rule.step(facts) for rule in rules), last)
    return tuple(rule.step(facts) for rule in rules[: decision.rule + 1])


def no_such_number(called: str) -> Refusal:
    return Refusal(404, RefusalReason.NO_SUCH_NUMBER, f"{called} is not a number of this plan")


def refusal_by(rule: CompiledRule, facts: Facts) -> Refusal:
    """A rule that rejects a caller by number is a block; any other is the plan's own will."""
    code = rule.rule.do.reject if isinstance(rule.rule.do, Reject) else 603
    when = rule.rule.when
    reason = RefusalReason.BLOCKED if when.caller else RefusalReason.REJECTED_BY_PLAN
    return Refusal(code, reason, f"{rule.step(facts).because} ({rule.label})")


def _no_rule(ready: CompiledPlan, call: CallContext, facts: Facts) -> Decision:
    """A plan that was checked never comes here; one that was not still does not fall silent."""
    otherwise = ready.plan.defaults.otherwise
    there = Destination(PlaceKind.HANG_UP)
    if otherwise is not None:
        there = destination(otherwise, call, facts.language)
    return Decision(there, facts.language, facts.local, None, None, ready.revision)
