"""The tests that a plan carries, and what they say when they fail."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from dialplans.analysis.plan_tests import accepts, run_tests
from dialplans.language.load import load
from tests.dialplans.plans import COMPANY, MAIN, edited, plan

WRONG_HOURS = edited(COMPANY, 'mon-fri: "08:30-18:00"', 'mon-fri: "09:30-18:00"')


def test_the_plan_of_a_whole_company_passes_its_tests() -> None:
    report = run_tests(plan(COMPANY))

    assert (report.passed, report.failed) == (23, 0), report.text()


def test_the_shipped_plan_passes_its_tests() -> None:
    loaded = load(MAIN)

    assert loaded.clean, loaded.report()
    assert loaded.plan is not None
    report = run_tests(loaded.plan)
    assert report.failed == 0, report.text()
    assert report.passed > 100


def test_a_failing_test_shows_expected_got_and_the_trace() -> None:
    report = run_tests(plan(WRONG_HOURS))

    failed = [r for r in report.results if not r.passed]
    assert [r.name for r in failed] == ["office hours"]
    text = failed[0].text()
    assert "expected  persona reception" in text
    assert "got       persona night" in text
    assert "✓ front rule 2: hours office are closed on Monday 2026-11-23 at 08:30" in text


def test_json_has_counts_and_one_entry_for_each_test() -> None:
    found = run_tests(plan(WRONG_HOURS)).as_json()

    assert (found["passed"], found["failed"], len(found["tests"])) == (22, 1, 23)
    failed = next(t for t in found["tests"] if not t["passed"])
    assert (failed["expected"], failed["got"]) == (["persona reception"], ["persona night"])
    assert failed["steps"][-1]["matched"]


def test_junit_is_xml_whatever_a_test_is_called() -> None:
    text = edited(WRONG_HOURS, "name: office hours", 'name: "a < b & \\"c\\" \\u0007"')
    root = ElementTree.fromstring(run_tests(plan(text)).junit("plan.yaml"))

    assert (root.get("tests"), root.get("failures")) == ("23", "1")
    failure = root.find("testcase/failure")
    assert failure is not None
    assert failure.text is not None
    assert "got       persona night" in failure.text


def test_a_happening_that_does_not_exist_fails_its_test_and_says_so() -> None:
    report = run_tests(plan(edited(COMPANY, "[persona_failed, key 1]", "[persona_faild, key 1]")))

    assert report.failed == 1
    assert "did you mean 'persona_failed'" in report.text()


def test_a_time_with_an_offset_is_that_instant() -> None:
    """08:29 in Berlin is 07:29 in London."""
    text = edited(COMPANY, 'at: "2026-11-23 08:29"', 'at: "2026-11-23T07:29:00+00:00"')

    assert run_tests(plan(text)).failed == 0
    assert run_tests(plan(text.replace("07:29:00+00:00", "08:29:00+00:00"))).failed == 1


@pytest.mark.parametrize(
    ("want", "got", "expected"),
    [
        ("persona a | b", "persona b", True),
        ("persona a | persona b", "persona b", True),
        ("persona a | queue b", "queue b", True),
        ("persona a | queue b", "persona b", False),
        ("persona a | say", "say", True),
        ("persona a", "persona ab", False),
    ],
)
def test_either_of_several_places_may_be_allowed(want: str, got: str, expected: bool) -> None:
    assert expected == accepts((want,), (got,))


def test_a_path_that_goes_on_or_stops_short_is_another_path() -> None:
    assert not accepts(("menu a",), ("menu a", "menu b"))
    assert not accepts(("menu a", "menu b"), ("menu a",))
