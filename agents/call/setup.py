"""A call at its beginning, or where the job before this one left it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agents.call.engine import Engine
from agents.call.language import CallLanguage
from agents.call.resume import restore
from agents.call.snapshot import Snapshot
from agents.call.state import CallFacts, CallServices, CallState
from agents.providers.session_factory import SessionFactory
from dialplans.contracts.events import Routed
from dialplans.contracts.words import Source
from dialplans.engine.decision import Decision
from dialplans.engine.route import route, trace
from dialplans.engine.state import begin


def set_up_call(
    facts: CallFacts,
    services: CallServices,
    providers: Callable[[str], SessionFactory],
    *,
    before: Snapshot | None = None,
) -> CallState:
    """`providers` are those for the language that the plan wants, or for the nearest they speak."""
    now = services.now()
    decision = route(facts.pinned.compiled, facts.context, now)
    language = before.language if before else decision.language
    state = replace(begin(facts.context, decision, now), language=language)
    call = CallState(
        facts=facts,
        services=services,
        engine=Engine(facts.plan, facts.context, state, services.now),
        spoken=CallLanguage(facts.settings, providers(language)),
    )
    if before is None:
        call.tell(_routed(call, decision))
    else:
        restore(call, before)
    call.say_what_is_not_spoken()
    return call


def _routed(call: CallState, decision: Decision) -> Routed:
    return Routed(
        call=call.id,
        source=Source.AGENT,
        decision_kind=decision.action.kind,
        decision_name=decision.action.name or None,
        steps=[
            {"rule": step.rule, "matched": step.matched, "because": step.because}
            for step in trace(call.facts.pinned.compiled, call.facts.context, decision)
        ],
        revision=call.facts.pinned.revision,
        local_time=decision.local_time,
    )
