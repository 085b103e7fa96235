"""Who may come in at all: one function, the same codes at every entrance."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialplans.analysis.walk import instant
from dialplans.engine.admit import Load, admit
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.limits.call_counts import Traffic
from dialplans.telephony.call import CallContext
from tests.dialplans.plans import COMPANY, DE, MONDAY, SOMEBODY, edited, plan

WEB = edited(COMPANY, "routes:\n", "  web: {route: front}\nroutes:\n")


@pytest.mark.parametrize(
    ("call", "load", "expected"),
    [
        (CallContext("+498920001001"), Load(), (404, "no_such_number")),
        (CallContext(DE, source_ip="203.0.113.15"), Load(), None),
        (CallContext(DE, source_ip="203.0.113.16"), Load(), (403, "address_not_allowed")),
        (CallContext(DE, source_ip="::ffff:203.0.113.15"), Load(), None),
        (CallContext(DE, source_ip="not an address"), Load(), (403, "address_not_allowed")),
        (CallContext(DE, trunk="carrier"), Load(), None),
        (CallContext(DE, trunk="other"), Load(), (403, "address_not_allowed")),
        (CallContext(DE), Load(by_caller=2), None),
        (CallContext(DE), Load(by_caller=3), (486, "limit_caller")),
        (CallContext(DE), Load(on_number=20), (486, "limit_number")),
        (CallContext(DE), Load(total=60), (503, "limit_concurrent")),
        (CallContext("web"), Load(), None),
        (CallContext("web", trunk="web", source_ip="198.51.100.1"), Load(), None),
        (CallContext("web", source_ip="198.51.100.1"), Load(), (403, "address_not_allowed")),
        (CallContext("web", trunk="carrier"), Load(), (403, "address_not_allowed")),
    ],
)
def test_each_refusal_has_its_code_and_its_word(
    call: CallContext, load: Load, expected: tuple[int, str] | None
) -> None:
    refused = admit(CompiledPlan(plan(WEB)), call, load)

    assert expected == ((refused.code, refused.reason) if refused else None)


def test_rules_that_reject_are_asked_before_the_call_is_let_in() -> None:
    """With the time of the call known, a blocked caller never gets as far as a room."""
    company = plan(COMPANY)
    now = instant(company, MONDAY)

    refused = admit(CompiledPlan(company), CallContext(DE, "+49305551"), Load(now=now))

    assert refused is not None
    assert (refused.code, refused.reason) == (603, "blocked")
    assert admit(CompiledPlan(company), CallContext(DE, SOMEBODY), Load(now=now)) is None


def test_a_wrong_number_is_told_the_nearest_of_ours() -> None:
    refused = admit(CompiledPlan(plan(COMPANY)), CallContext("+498920001001"), Load())

    assert refused is not None
    assert "the nearest is +498920001000" in refused.because


def test_a_number_may_have_a_limit_of_its_own() -> None:
    text = edited(
        COMPANY, "language: de, route: front}", "language: de, route: front, concurrent: 2}"
    )

    refused = admit(CompiledPlan(plan(text)), CallContext(DE), Load(on_number=2))

    assert refused is not None
    assert "2 are allowed" in refused.because


def test_traffic_counts_calls_up_and_calls_of_late() -> None:
    """Three a minute: the fourth is refused, and a minute after the first there is room again."""
    company = plan(COMPANY)
    start = instant(company, MONDAY)
    traffic = Traffic()
    refusals = []
    for second in (0, 10, 20, 30, 59, 61):
        call = CallContext(DE, SOMEBODY, f"call-{second}")
        now = start + timedelta(seconds=second)
        refused = admit(CompiledPlan(company), call, traffic.load(company, call, now))
        traffic.asked(company, call, now)
        if refused is None:
            traffic.began(call)
        refusals.append(refused.reason if refused else None)

    assert refusals == [None, None, None, "limit_caller", "limit_caller", "limit_caller"]
    assert len(traffic) == 3
    later = traffic.load(company, CallContext(DE, SOMEBODY), start + timedelta(seconds=121))
    assert (later.total, later.on_number, later.by_caller) == (3, 3, 0)


def test_a_call_that_ends_twice_is_counted_down_once() -> None:
    company = plan(COMPANY)
    traffic = Traffic()
    calls = [CallContext(DE, SOMEBODY, f"call-{n}") for n in range(2)]
    for call in calls:
        traffic.began(call)
        traffic.began(call)

    traffic.ended("call-0")
    traffic.ended("call-0")
    traffic.ended("call-unknown")

    load = traffic.load(company, calls[0], instant(company, MONDAY))
    assert (load.total, load.on_number) == (1, 1)


def test_traffic_forgets_callers_rather_than_grow() -> None:
    from dialplans.engine.limits.call_counts import REMEMBERED_CALLERS

    company = plan(COMPANY)
    now = instant(company, MONDAY)
    traffic = Traffic()
    for n in range(REMEMBERED_CALLERS + 10):
        traffic.asked(company, CallContext(DE, f"+49{n:09d}"), now)

    first, last = (CallContext(DE, f"+49{n:09d}") for n in (0, REMEMBERED_CALLERS + 9))
    assert traffic.load(company, first, now).by_caller == 0
    assert traffic.load(company, last, now).by_caller == 1
