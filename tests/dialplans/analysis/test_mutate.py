"""Broken plans: what tests notice, what they miss, and the tests that were missing."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest

from dialplans.analysis.mutation.differing import OF_CLOCK, Clock, may_notice
from dialplans.analysis.mutation.mutants import Mutant
from dialplans.analysis.mutation.mutate import SOME_DAY, Mutation, mutants, mutate
from dialplans.analysis.mutation.probes import Terrain
from dialplans.analysis.mutation.suggest import as_yaml
from dialplans.analysis.plan_tests import passes, run_tests
from dialplans.analysis.walk import walk
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.hours import is_open
from dialplans.language.build import build
from dialplans.language.load import Loaded, load
from dialplans.model import Dialplan
from dialplans.model.resolve import resolve
from dialplans.telephony.call import CallContext
from tests.dialplans.plans import COMPANY, MAIN, RICH, edited, loaded
from tests.dialplans.random_calls import some_call, some_events, some_moment


def with_suggested(text: str, found: Mutation) -> str:
    """As a person pastes them: `tests` is the last section, or becomes it."""
    head = text if "\ntests:" in text else f"{text}tests:\n"
    return head + as_yaml(found.suggested)


def broken(whole: Loaded) -> list[Mutant]:
    written, _ = build(whole.tree)
    assert written is not None
    return list(mutants(written))


@cache
def mutated(text: str) -> Mutation:
    return mutate(loaded(text), suggest=True)


@pytest.fixture
def company() -> Mutation:
    return mutated(COMPANY)


@pytest.mark.parametrize("text", [COMPANY, RICH], ids=["company", "rich"])
def test_with_the_suggested_tests_every_mutant_is_noticed(text: str) -> None:
    """The tests can be pasted as they are printed, they pass, and the score is 100 %."""
    first = mutated(text)
    again = loaded(with_suggested(text, first))

    assert first.survived
    assert again.plan is not None
    assert run_tests(again.plan).failed == 0
    second = mutate(again, suggest=True)
    assert ([f.mutant.what for f in second.survived], second.score) == ([], 1.0)
    assert second.mutants == second.killed + len(second.equal)


def test_the_shipped_plan_misses_no_mutant() -> None:
    found = mutate(load(MAIN), suggest=True)

    assert found.score == 1.0, found.text()
    assert found.killed > 100


def test_a_mutant_that_no_call_can_tell_is_named_as_equal(company: Mutation) -> None:
    """Nothing leads to `old_pbx`: where it goes on failure cannot matter."""
    equal = [found.mutant.where for found in company.equal]

    assert equal == ["targets old_pbx else"]


def test_equal_mutants_are_equal_for_random_calls_too() -> None:
    """`equal` is a claim about all calls; here it is held against calls the search never saw."""
    rng = random.Random(7)
    for text in (COMPANY, RICH):
        whole = loaded(text)
        assert whole.plan is not None
        for found in mutated(text).equal:
            other = resolve(found.mutant.plan)
            for _ in range(300):
                assert same(whole.plan, other, rng), found.mutant.what


def test_survivors_are_not_called_equal_by_chance(company: Mutation) -> None:
    """Each survivor differs from the plan in at least one of the suggested tests."""
    whole = loaded(COMPANY)
    assert whole.plan is not None
    for found in company.survived:
        other = resolve(found.mutant.plan)
        tests = whole.plan.model_copy(update={"tests": company.suggested})
        assert run_tests(tests).failed == 0
        assert run_tests(other.model_copy(update={"tests": company.suggested})).failed > 0


def same(one: Dialplan, other: Dialplan, rng: random.Random) -> bool:
    call = some_call(rng)
    context = CallContext(call["to"], call["from"], call["id"], headers=call["headers"])
    now, events = some_moment(rng), some_events(rng)
    paths = {walk(CompiledPlan(p), context, now, events=events).path for p in (one, other)}
    return len(paths) == 1


def test_every_kind_of_value_is_broken() -> None:
    """Closing times, days, holidays, overrides, lists, rule order, conditions, percentages, keys,
    overflow seconds, targets, limits, addresses: at least one mutant of each."""
    where = " | ".join(m.what for m in broken(loaded(RICH)))

    for piece in [
        "hours office mon-fri: 13:00-18:00 → 13:00-17:59",
        "hours office sat: open on sat → closed on sat",
        "closed on sun → open on sun",
        "holidays 12-25: closed → removed",
        "holidays 12-25: 12-25 → 12-26",
        "override entry 1 is: closed → open",
        "override entry 1 until: 2026-03-29 03:30 → 2026-03-29 03:31",
        "lists blocked: +4930555* → +493055*",
        "lists vip: +4989123456 → removed",
        "trunks carrier allow: 203.0.113.0/28 → 203.0.113.0/27",
        "numbers +14155550100 timezone: America/Los_Angeles → Europe/Berlin",
        "routes front rule 1: before rule 2 → after rule 2",
        "routes front rule 3 when is: closed → open",
        "persona anna: 60 → persona anna: 50",
        "sticky: caller → call",
        "menus main keys 1: {persona: anna} → removed",
        "menus main timeout: 6s → 7s",
        "menus main retries: 1 → 2",
        "queues support overflow step 3 after: 200s → 199s",
        "targets duty confirm: 1 → 0",
        "limits max_duration: 1200s → 1201s",
        "defaults else: {voicemail: box}",
    ]:
        assert piece in where


def test_each_mutant_changes_the_plan() -> None:
    for text in (COMPANY, RICH):
        whole = loaded(text)
        for mutant in broken(whole):
            assert resolve(mutant.plan) != whole.plan, mutant.what


def test_a_survivor_is_shown_at_its_place() -> None:
    whole = loaded(COMPANY)
    line = 1 + COMPANY.splitlines().index(
        next(row for row in COMPANY.splitlines() if "timeout: 6s" in row)
    )

    found = [s for s in mutate(whole).as_json()["survived"] if "menus main timeout" in s["what"]]

    assert [line, line] == [s["line"] for s in found]
    assert {"dialplan.yaml"} == {s["file"] for s in found}


def test_json_counts_add_up(company: Mutation) -> None:
    found = company.as_json()

    assert found["mutants"] == found["killed"] + found["equal"] + len(found["survived"])
    assert found["suggested"]
    assert {"name", "to", "from", "at", "expect"} <= found["suggested"][0].keys()
    assert mutate(loaded(COMPANY)).as_json()["suggested"] == []


def test_tests_that_fail_anyway_do_not_kill() -> None:
    """A plan that fails its own test would seem to notice everything."""
    wrong = edited(COMPANY, 'mon-fri: "08:30-18:00"', 'mon-fri: "08:31-18:00"')
    found = mutate(loaded(wrong))

    assert found.failing == ("office hours",)
    assert found.survived


def test_a_suggestion_carries_an_offset_where_the_plan_s_own_zone_is_in_doubt(
    company: Mutation,
) -> None:
    """A time without an offset would move along with the `timezone` that the mutant changes."""
    found = next(t for t in company.suggested if t.name.startswith("timezone"))

    assert found.at.tzinfo is not None
    assert all(t.at.tzinfo is None for t in company.suggested if t != found)


@pytest.mark.parametrize("text", [COMPANY, RICH], ids=["company", "rich"])
def test_a_test_that_is_not_asked_would_have_passed(text: str) -> None:
    """Most mutants concern few numbers and few moments; the others are left out, and never one that
    would have noticed."""
    whole = loaded(text)
    assert whole.plan is not None
    suggested = mutated(text).suggested
    terrain = Terrain(whole.plan, SOME_DAY)
    left_out = 0
    for mutant in broken(whole):
        plan = resolve(mutant.plan)
        clock, compiled = Clock(terrain, plan), CompiledPlan(plan)
        for test in suggested:
            if not may_notice(whole.plan, test, mutant, clock):
                left_out += 1
                assert passes(compiled, test), (mutant.what, test)

    assert left_out > len(suggested)


@pytest.mark.parametrize("text", [COMPANY, RICH], ids=["company", "rich"])
def test_hours_differ_when_asking_every_moment_says_so(text: str) -> None:
    """Days and hours that did not change are not asked; nothing is missed by that."""
    whole = loaded(text)
    assert whole.plan is not None
    terrain = Terrain(whole.plan, SOME_DAY)
    mine = CompiledPlan(whole.plan)
    asked = {
        called: [
            (moment, tuple(is_open(s, moment) for s in mine.schedules.values()))
            for moment in terrain.moments(mine.zone(called))
        ]
        for called in whole.plan.numbers
    }
    of_clock = [m for m in broken(whole) if m.section in OF_CLOCK or "timezone" in m.path]
    for mutant in of_clock:
        plan = resolve(mutant.plan)
        theirs = CompiledPlan(plan)
        for called in whole.plan.numbers:
            kinds = set()
            for moment, before in asked[called]:
                there = moment.astimezone(theirs.zone(called))
                after = tuple(is_open(s, there) for s in theirs.schedules.values())
                if before != after:
                    kinds.add(before + after)

            assert len(Clock(terrain, plan).differing(called)) == len(kinds), mutant.what

    assert of_clock


def test_prompts_of_an_included_file_are_found_from_its_folder(tmp_path: Path) -> None:
    """In a folder under the plan's, and back up from there: a good plan can be mutated."""
    (tmp_path / "shared" / "deep").mkdir(parents=True)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "p.md").write_text("You answer.")
    (tmp_path / "shared" / "own.md").write_text("You answer.")
    (tmp_path / "shared" / "base.yaml").write_text(
        "include: deep/box.yaml\n"
        "personas:\n"
        "  reception: {prompt: ../prompts/p.md, fallback: {voicemail: messages}}\n"
        "  billing: {prompt: own.md, fallback: {voicemail: messages}}\n"
    )
    (tmp_path / "shared" / "deep" / "box.yaml").write_text(
        "voicemail: {messages: {max: 60s}}\n"
        "personas: {night: {prompt: ../../prompts/p.md, fallback: {voicemail: messages}}}\n"
    )
    (tmp_path / "plan.yaml").write_text(
        "include: shared/base.yaml\n"
        "version: 1\n"
        "timezone: Europe/Berlin\n"
        'trunks: {carrier: {allow: ["203.0.113.0/28"]}}\n'
        'numbers: {"+498920001000": {trunk: carrier, route: front}}\n'
        "routes:\n"
        "  front:\n"
        "    - {when: {caller: anonymous}, do: {persona: billing}}\n"
        "    - {when: {caller: '+4930*'}, do: {persona: night}}\n"
        "    - {do: {persona: reception}}\n"
    )
    whole = load(tmp_path / "plan.yaml")

    assert whole.clean, whole.report()
    assert mutate(whole).survived
