"""The one wildcard of the language, and that nobody can make it slow."""

from __future__ import annotations

import random

import pytest

from dialplans.analysis.walk import instant
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.route import route, trace
from dialplans.telephony.call import CallContext
from dialplans.telephony.wildcards import LONGEST, covers, matches
from tests.dialplans.plans import COMPANY, DE, MONDAY, SOMEBODY, edited, loaded, plan
from tests.dialplans.slow_model import glob

LONG = 1024 * 1024
BOMBS = {  # pattern → a text with which trying every way for a star would never end
    "*a*b*c*d*": "abc" * (LONG // 3),
    "*aa*aa*aa*aa*aa*b": "a" * LONG,
    "a*" * 200 + "b": "a" * LONG,
    "*" * 500 + "x": "y" * LONG,
    "*ab*" * 100 + "z": "ab" * (LONG // 2),
    "*" + "a" * 500 + "b*": "a" * LONG,
    "?*[a-z]*(a+)+$": "[a-z](a+)+" * (LONG // 10),
}


@pytest.mark.parametrize("pattern", BOMBS)
def test_a_text_that_was_made_to_take_for_ever_is_answered_at_once(pattern: str) -> None:
    """A megabyte against many stars; what fails if it takes longer than that is the suite's time
    limit."""
    assert not matches(pattern, BOMBS[pattern])


@pytest.mark.parametrize("pattern", BOMBS)
def test_a_caller_cannot_stop_the_engine_with_a_header(pattern: str) -> None:
    """The call goes where it would go without the header."""
    asks = f"""    - {{when: {{header: {{User-Agent: "{pattern}"}}}}, do: {{reject: 603}}}}\n"""
    first = "    - {when: {caller: blocked}"
    company = plan(edited(COMPANY, first, asks + first))
    call = CallContext(DE, SOMEBODY, headers={"user-agent": BOMBS[pattern]})
    decision = route(CompiledPlan(company), call, instant(company, MONDAY))

    assert str(decision.action) == "persona reception"


def test_it_agrees_with_trying_every_way() -> None:
    """Twenty thousand short patterns and texts of few letters, so that stars have many ways."""
    rng = random.Random(13)
    held = 0
    for _ in range(20_000):
        pattern = "".join(rng.choice("ab**?") for _ in range(rng.randint(0, 7)))
        text = "".join(rng.choice("aab?") for _ in range(rng.randint(0, 8)))

        assert glob(pattern, text) == matches(pattern, text), (pattern, text)
        held += matches(pattern, text)

    assert held > 1000


def test_a_pattern_covers_another_only_if_no_text_tells_otherwise() -> None:
    """Held against all texts of up to five letters."""
    rng = random.Random(14)
    texts = [""]
    for text in texts:
        if len(text) < 5:
            texts += [text + letter for letter in "abc"]
    for _ in range(600):
        general, special = (
            "".join(rng.choice("aab**") for _ in range(rng.randint(0, 5))) for _ in range(2)
        )
        inside = all(matches(general, t) for t in texts if matches(special, t))

        assert not covers(general, special) or inside, (general, special)


def test_only_a_star_is_a_wildcard_and_capitals_matter() -> None:
    """What other languages mean by `?`, `.` and `[ab]` stands for itself here."""
    assert not matches("ab?", "abc")
    assert not matches("[ab]*", "a")
    assert not matches("a.c*", "abc")
    assert not matches("gold*", "Goldfish")
    assert matches("ab?*", "ab?c")


def test_no_more_than_a_kilobyte_of_a_header_is_looked_at() -> None:
    """What stands behind it is not there for any rule."""
    company = plan(edited(COMPANY, 'X-Campaign: "spring*"', 'X-Campaign: "*spring*"'))
    ready, now = CompiledPlan(company), instant(company, MONDAY)

    def rule(padding: int) -> str:
        headers = {"X-Campaign": "x" * padding + "spring"}
        call = CallContext(DE, SOMEBODY, headers=headers)
        return trace(ready, call, route(ready, call, now))[-1].rule

    assert rule(LONGEST - len("spring")) == "front rule 4"
    assert rule(LONGEST - len("spring") + 1) == "front rule 5"


def test_a_pattern_that_no_header_can_be_long_enough_for_is_refused() -> None:
    """At its place; stars do not count."""
    letters = "x" * LONGEST
    fits = loaded(edited(COMPANY, 'X-Campaign: "spring*"', f'X-Campaign: "*{letters}*"'))
    longer = loaded(edited(COMPANY, 'X-Campaign: "spring*"', f'X-Campaign: "*{letters}x*"'))

    assert fits.plan is not None
    assert longer.problems[0].code == "E_CONDITION"
    assert "1024 characters" in longer.problems[0].message


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("ab?", "abc"),
        ("Gold", "gold"),
        ("[ab]*", "a1"),
        ("*a", "ab"),
        ("a*b", "a*"),
        ("x.y", "xzy"),
    ],
)
def test_a_rule_is_called_shadowed_only_where_the_engine_would_agree(first: str, then: str) -> None:
    """The check asks the matcher that calls are matched with."""
    both = (
        f"""    - {{when: {{header: {{X-A: "{first}"}}}}, do: {{reject: 603}}}}\n"""
        f"""    - {{when: {{header: {{x-a: "{then}"}}}}, do: {{reject: 480}}}}\n"""
    )
    at = "    - {when: {caller: blocked}"
    found = loaded(edited(COMPANY, at, both + at))
    turned = loaded(edited(COMPANY, at, "".join(reversed(both.splitlines(keepends=True))) + at))

    assert "W_SHADOWED" not in [p.code for p in found.problems]
    assert ("W_SHADOWED" in [p.code for p in turned.problems]) == covers(then, first)


def test_a_rule_with_a_narrower_pattern_is_shadowed_also_if_both_have_stars() -> None:
    """`spring*` leaves nothing to `spring-*-x`."""
    both = (
        """    - {when: {header: {X-A: "spring*"}}, do: {reject: 603}}\n"""
        """    - {when: {header: {X-A: "spring-*-x"}}, do: {reject: 480}}\n"""
    )
    at = "    - {when: {caller: blocked}"
    found = loaded(edited(COMPANY, at, both + at))

    assert "W_SHADOWED" in [p.code for p in found.problems]
