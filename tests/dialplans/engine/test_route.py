"""The first decision: which rule, and the words for why."""

from __future__ import annotations

import gc
import random
import weakref
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dialplans.analysis.walk import instant
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import Step
from dialplans.engine.route import route, trace
from dialplans.telephony.call import CallContext
from tests.bench.dialplan_large import large_plan, numbers, some_caller
from tests.dialplans.plans import (
    COMPANY,
    DE,
    MONDAY,
    SOMEBODY,
    US,
    edited,
    go,
    loaded,
    plan,
    ready,
    unchecked,
)

CAMPAIGN = {"X-Campaign": "spring1"}


def test_the_trace_names_each_rule_and_why_it_did_or_did_not_match() -> None:
    """Every rule up to the one that decided, with the local time that was used."""
    company, call = ready(COMPANY), CallContext(DE, "+4989123456")
    decision = route(company, call, instant(company.plan, MONDAY))

    expected = (
        Step("front rule 1", False, "caller +4989123456 is not in list blocked"),
        Step(
            "front rule 2",
            False,
            "hours office are open on Monday 2026-11-23 at 10:00 (08:30-18:00), "
            "and the rule wants them closed",
        ),
        Step("front rule 3", True, "caller +4989123456 is in list vip"),
    )
    assert expected == trace(company, call, decision)
    assert decision.local_time == "2026-11-23T10:00:00+01:00"
    assert decision.action.params == {"priority": 10}


def test_hours_are_read_on_the_clock_of_the_number_that_was_called() -> None:
    """17:30 in Berlin is 08:30 in Los Angeles: both are open; an hour later only one is."""
    company = plan(COMPANY)
    moment = instant(company, "2026-11-23 18:30")

    here = route(CompiledPlan(company), CallContext(DE, SOMEBODY), moment)
    there = route(CompiledPlan(company), CallContext(US, SOMEBODY), moment)

    assert (str(here.action), str(there.action)) == ("persona night", "persona reception")
    assert there.local_time == "2026-11-23T09:30:00-08:00"


def test_a_number_that_is_not_ours_is_refused_with_404() -> None:
    decision = route(ready(COMPANY), CallContext("+498920001009"), datetime.now(UTC))

    assert decision.refused is not None
    assert (decision.refused.code, decision.refused.reason) == (404, "no_such_number")
    assert str(decision.action) == "reject 404"


def test_a_rule_that_rejects_a_caller_is_a_block_with_its_reason() -> None:
    company = ready(COMPANY)
    decision = route(company, CallContext(DE, "+49305551"), instant(company.plan, MONDAY))

    assert decision.refused is not None
    assert (decision.refused.code, decision.refused.reason) == (603, "blocked")
    assert "in list blocked" in decision.refused.because


def test_a_naive_now_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        route(ready(COMPANY), CallContext(DE), datetime(2026, 11, 23))  # noqa: DTZ001


@pytest.mark.parametrize("name", ["X-Campaign", "x-campaign", "X-CAMPAIGN"])
def test_header_names_are_compared_without_regard_to_case(name: str) -> None:
    """RFC 3261 §7.3.1. The value is compared as it stands."""
    company = ready(COMPANY)
    now = instant(company.plan, MONDAY)

    fits = CallContext(DE, SOMEBODY, headers={name: "springtime"})
    other = CallContext(DE, SOMEBODY, headers={name: "Springtime"})
    hit, miss = (trace(company, call, route(company, call, now)) for call in (fits, other))

    assert (hit[-1].rule, miss[-1].rule) == ("front rule 4", "front rule 5")


def test_a_split_keeps_its_percentages_and_each_caller_keeps_to_one_side() -> None:
    company = ready(COMPANY)
    now = instant(company.plan, MONDAY)

    def drawn(n: int, call_id: str) -> str:
        call = CallContext(DE, f"+4917{n:08d}", call_id, headers=CAMPAIGN)
        return route(company, call, now).action.name

    first = [drawn(n, "call-a") for n in range(5000)]

    assert first == [drawn(n, "call-b") for n in range(5000)]
    assert 400 < Counter(first)["reception_b"] < 600


def test_a_withheld_number_cannot_stick_so_each_call_is_drawn_anew() -> None:
    company = ready(edited(COMPANY, '"+4930555*", anonymous', '"+4930555*"'))
    now = instant(company.plan, MONDAY)

    names = {
        route(company, CallContext(DE, call_id=f"call-{n}", headers=CAMPAIGN), now).action.name
        for n in range(200)
    }

    assert names == {"reception", "reception_b"}


def test_a_plan_without_a_last_rule_still_does_not_fall_silent() -> None:
    """Such a plan has an error and never goes live; the engine hangs up rather than raise."""
    hole = unchecked(edited(COMPANY, "    - {do: {persona: reception}}\n", ""))

    assert go(hole).path == ("hang_up",)


def test_a_say_carries_the_words_in_the_language_of_the_number() -> None:
    text = edited(COMPANY, "{do: {persona: reception}}", '{do: {say: {de: "Tschüss", en: "Bye"}}}')
    speaking = plan(text)
    now = instant(speaking, "2026-11-23 17:45")

    german = route(CompiledPlan(speaking), CallContext(DE, SOMEBODY), now)
    english = route(CompiledPlan(speaking), CallContext(US, SOMEBODY), now)

    assert (german.action.params["text"], english.action.params["text"]) == ("Tschüss", "Bye")


def test_the_revision_of_a_decision_is_that_of_its_plan() -> None:
    company = loaded(COMPANY)
    assert company.plan is not None
    other = loaded(edited(COMPANY, "wrap_up: 20s", "wrap_up: 30s"))
    assert other.plan is not None
    both = [CompiledPlan(company.plan, company.revision), CompiledPlan(other.plan, other.revision)]
    now = instant(company.plan, MONDAY)

    mine, theirs = (route(p, CallContext(DE), now).revision for p in both)

    assert mine != theirs
    assert mine == route(both[0], CallContext(US), now).revision


def test_a_plan_that_nobody_uses_any_more_is_freed() -> None:
    """Whoever holds a compiled plan keeps it alive, and nobody else does."""
    old = plan(COMPANY)
    kept = CompiledPlan(old, "1")
    assert route(kept, CallContext(DE), instant(old, MONDAY)).revision
    gone = weakref.ref(old)

    del old, kept
    gc.collect()

    assert gone() is None


def test_a_long_route_is_answered_as_if_every_rule_were_asked() -> None:
    """A thousand rules are arranged by caller and header; the first match stays the first."""
    long = plan(large_plan(1))
    compiled = CompiledPlan(long)
    ruleset = compiled.rules("r0")
    rng = random.Random(3)
    seen = set()
    for _ in range(250):
        n = rng.randint(0, 1000)
        caller = rng.choice(
            (
                some_caller(rng),
                f"+4917{n:05d}55",
                f"+4915{n:06d}",
                f"+4930{n % 100:03d}1",
                "anonymous",
            )
        )
        headers = rng.choice(({}, {"X-Other": "1"}, {"x-campaign": f"c{n}-x", "X-Other": "1"}))
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randint(0, 525_600))
        call = CallContext(rng.choice(numbers()), caller, "call-1", headers=headers)
        facts = compiled.facts(call, now)

        expected = next(i for i, rule in enumerate(ruleset.rules) if rule.test(facts))

        assert expected == ruleset.first(facts)
        seen.add(expected)

    assert len(seen) > 50
    assert len(trace(compiled, call, route(compiled, call, now))) == expected + 1
