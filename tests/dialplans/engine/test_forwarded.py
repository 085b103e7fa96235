"""Rules that ask how a call came here, and who withholds a number; every tool knows them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dialplans.analysis.changes import changes
from dialplans.analysis.explain import explain
from dialplans.analysis.mutation.mutate import mutate
from dialplans.analysis.plan_tests import run_test
from dialplans.engine.admit import admit
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.limits.call_counts import Traffic
from dialplans.engine.received import received
from dialplans.language.load import Loaded, load_text
from dialplans.model import Dialplan, PlanTest
from dialplans.telephony.call import CallContext

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
LONDON, SECRET = "+442079460100", "+447700900123"

PLAN = """
version: 1
timezone: Europe/London
trunks: {t: {allow: ["192.0.2.0/28"], trusted: true}}
numbers: {"+442079460100": {trunk: t, route: main}}
lists:
  block: ["+447700900123"]
  branches: ["+4420794605*"]
limits: {per_caller: 2/min}
routes:
  main:
    - {when: {caller: block}, do: {reject: 603}}
    - {when: {forwarded_from: branches}, do: {voicemail: branch}}
    - {when: {dialled: ["+442079460700", "+442079460701"]}, do: {voicemail: old}}
    - {when: {forwarded_from: anonymous}, do: {voicemail: nobody}}
    - {when: {caller: "+447700900*"}, do: {voicemail: known}}
    - {do: {voicemail: other}}
voicemail:
  branch: {max: 60s}
  old: {max: 60s}
  nobody: {max: 60s}
  known: {max: 60s}
  other: {max: 60s}
"""


def loaded(text: str = PLAN) -> Loaded:
    found = load_text(text)
    assert found.plan is not None, found.report()
    return found


def the_plan(text: str = PLAN) -> Dialplan:
    found = loaded(text).plan
    assert found is not None
    return found


def withheld(plan: Dialplan, number: str, *, asserted: bool = True) -> CallContext:
    headers = {"Privacy": "id"} | ({"P-Asserted-Identity": f"<tel:{number}>"} if asserted else {})
    return received(plan, CallContext(LONDON, "<sip:anonymous@anonymous.invalid>", headers=headers))


@pytest.mark.parametrize(
    ("headers", "place"),
    [
        ({}, "voicemail known"),
        ({"Diversion": "<sip:020 7946 0800@gw>"}, "voicemail known"),
        ({"Diversion": "<sip:020 7946 0501@gw>"}, "voicemail branch"),
        ({"diversion": "<tel:+15550100>, <sip:442079460501@gw>;reason=busy"}, "voicemail branch"),
        (
            {"History-Info": "<sip:+442079460599@gw>;index=1, <sip:+442079460100@gw>;index=1.1"},
            "voicemail branch",
        ),
        ({"To": "<tel:+44-20-7946-0700>"}, "voicemail old"),
        ({"P-Called-Party-ID": "<sip:+442079460701@ims>"}, "voicemail old"),
        ({"Diversion": "<sip:+442079460600@gw>;privacy=full"}, "voicemail nobody"),
        ({"Privacy": "id", "P-Asserted-Identity": "<tel:+447700900123>"}, "reject 603"),
        ({"Privacy": "id", "P-Asserted-Identity": "<tel:+447700900124>"}, "voicemail other"),
    ],
)
def test_a_plan_may_ask_where_a_call_was_before(headers: dict[str, str], place: str) -> None:
    """Each number of each header counts, in any spelling; a hidden one is `anonymous`."""
    test = PlanTest.model_validate(
        {
            "name": "x",
            "to": f"sip:{LONDON}@gw",
            "from": "+447700900124",
            "at": NOW,
            "headers": headers,
            "expect": place,
        }
    )

    assert run_test(CompiledPlan(the_plan()), test).text() == "ok    x"


def test_the_trace_says_where_the_call_was() -> None:
    """Also for a rule that does not match."""
    plan = the_plan()
    sent = CallContext(LONDON, SECRET[:-1] + "4", headers={"Diversion": "<sip:02079460501@gw>"})
    told = explain(CompiledPlan(plan), received(plan, sent), NOW)
    plain = explain(CompiledPlan(plan), received(plan, CallContext(LONDON, "+15550100")), NOW)

    assert "It was forwarded from +442079460501." in told.text()
    assert "the call was forwarded from +442079460501, in list branches" in told.text()
    assert "the call was forwarded from no other number, not in list branches" in plain.text()
    assert told.as_json()["call"] == {
        "called": LONDON,
        "caller": "+447700900124",
        "forwarded_from": ["+442079460501"],
        "dialled": [],
    }


def test_mutants_of_these_conditions_are_noticed() -> None:
    """What no test would notice is named, and the missing test is written."""
    untested = mutate(loaded(), suggest=True)
    names = {found.mutant.where for found in untested.survived}
    suggested = {tuple(test.headers) for test in untested.suggested}

    assert {
        "routes main rule 2 when forwarded_from",
        "routes main rule 3 when dialled",
        "trunks t trusted",
    } <= names
    assert {("Diversion",), ("To",), ("P-Asserted-Identity",)} <= suggested


def test_the_difference_of_two_plans_names_them() -> None:
    old, new = the_plan(), the_plan(PLAN.replace("forwarded_from: branches", "dialled: branches"))

    said = [str(change) for change in changes(old, new)]

    way = "do {voicemail: branch}"
    before, after = "when {forwarded_from: branches}", "when {dialled: branches}"
    assert said == [f"routes main rule 2: {before}, {way} → {after}, {way}"]


def test_a_withheld_number_is_blocked_and_not_said() -> None:
    """The trunk is trusted to say who it is; no sentence, refusal or trace does."""
    plan = the_plan()
    call = withheld(plan, SECRET)
    refused = admit(CompiledPlan(plan), call, Traffic().load(plan, call, NOW))
    told = explain(CompiledPlan(plan), call, NOW)

    assert refused is not None
    assert (refused.code, refused.reason) == (603, "blocked")
    assert "900123" not in refused.because + told.text() + str(told.as_json()) + repr(told)
    assert "the caller withholds a number that this rule is for" in refused.because


def test_a_withheld_number_is_known_to_no_other_rule() -> None:
    """Being greeted by name would tell what was withheld."""
    plan = the_plan()

    assert explain(CompiledPlan(plan), withheld(plan, "+447700900124"), NOW).walk.path == (
        "voicemail other",
    )


@pytest.mark.parametrize("many", [False, True], ids=["few rules", "many rules"])
def test_it_is_blocked_in_long_routes_as_in_short_ones(many: bool) -> None:
    """Long routes leave out rules that cannot match; one that blocks can."""
    more = "".join(
        f'    - {{when: {{caller: "+1202555{n:04}"}}, do: {{voicemail: known}}}}\n'
        for n in range(40 if many else 0)
    )
    plan = the_plan(PLAN.replace("  main:\n", f"  main:\n{more}"))

    assert explain(CompiledPlan(plan), withheld(plan, SECRET), NOW).walk.path == ("reject 603",)


def test_withheld_callers_are_counted_one_by_one_where_they_are_known() -> None:
    """One who rings all the time does not shut out the others; unknown ones are one caller."""
    plan, traffic = the_plan(), Traffic()
    one, two = withheld(plan, "+447700900201"), withheld(plan, "+447700900202")
    for _ in range(2):
        traffic.asked(plan, one, NOW)

    refused = [
        admit(CompiledPlan(plan), call, traffic.load(plan, call, NOW)) for call in (one, two)
    ]

    assert refused[0] is not None
    assert refused[0].reason == "limit_caller"
    assert "9002" not in refused[0].because
    assert refused[1] is None


def test_a_list_that_only_such_a_rule_names_is_used() -> None:
    """And one that is asked for and not there is an error."""
    unknown = PLAN.replace("forwarded_from: branches", "forwarded_from: branch")

    assert loaded().problems == ()
    assert [problem.code for problem in load_text(unknown).problems] == ["E_LIST"]
