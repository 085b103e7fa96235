"""What an answer to our INVITE says about the telephone that was rung."""

from __future__ import annotations

import pytest

from dialplans.contracts.causes import EndCause
from dialplans.contracts.dial_outcome import (
    NO_RESPONSE,
    dial_outcome,
    first_q850,
    q850_words,
    with_q850,
)
from dialplans.engine.call_inputs import NOT_REACHED, HappeningKind


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        ([486, 600], "busy"),
        ([408, 480, 487], "no_answer"),
        ([403, 433, 603, 607, 608], "declined"),
        ([404, 410, 484, 485, 604], "wrong_number"),
        ([482, 483, 500, 502, 503, 504, 580], "unreachable"),
        ([302, 380, 400, 401, 407, 415, 420, 488, 606, 699], "failed"),
    ],
)
def test_every_status_has_an_outcome(codes: list[int], outcome: str) -> None:
    assert [dial_outcome(code) for code in codes] == [outcome] * len(codes)


def test_silence_is_not_a_telephone_that_rang_in_vain() -> None:
    """Both are 408: one is ours, after no answer at all, the other somebody's."""
    assert dial_outcome(408, NO_RESPONSE) == EndCause.UNREACHABLE
    assert dial_outcome(408, "Request Timeout") == EndCause.NO_ANSWER


@pytest.mark.parametrize(
    ("code", "reason", "outcome"),
    [
        (503, 'Q.850;cause=17;text="User busy"', "busy"),
        (480, "q.850 ; cause=1", "wrong_number"),
        (500, 'SIP;cause=500;text="a, b", Q.850;text="x";cause=19', "no_answer"),
        (500, 'Q.850;cause="21"', "declined"),
        (404, "Q.850;cause=34", "unreachable"),
    ],
)
def test_the_telephone_network_has_the_last_word(code: int, reason: str, outcome: str) -> None:
    """A gateway with one status for everything says in `Reason` what it was."""
    assert dial_outcome(code, reasons=[reason]) == outcome


@pytest.mark.parametrize(
    "reason",
    [
        "Q.850;cause=16",
        "Q.850;cause=1700",
        "SIP;cause=17",
        'SIP;text="Q.850;cause=17"',
        "Q.850",
        "",
    ],
)
def test_a_reason_that_says_nothing_of_the_telephone_changes_nothing(reason: str) -> None:
    assert dial_outcome(404, reasons=[reason]) == "wrong_number"


def test_every_outcome_can_happen_in_a_plan() -> None:
    found = {dial_outcome(code) for code in range(300, 700)}
    found |= {dial_outcome(408, NO_RESPONSE)}

    assert {HappeningKind(outcome) for outcome in found} == NOT_REACHED


@pytest.mark.parametrize(
    ("code", "cause", "outcome"),
    [(500, 17, "busy"), (503, 1, "wrong_number"), (480, 21, "declined"), (486, None, "busy")],
)
def test_whoever_gets_only_status_and_words_learns_the_network_s_cause(
    code: int, cause: int | None, outcome: str
) -> None:
    """LiveKit's API hands on no header: what it does hand on comes to the same."""
    assert dial_outcome(code, with_q850("Whatever Was Said", cause)) == outcome
    assert dial_outcome(code, with_q850("", cause)) == outcome


def test_words_that_only_look_like_a_cause_are_words() -> None:
    assert dial_outcome(404, "No (Q.850;cause=17) here") == "wrong_number"
    assert dial_outcome(404, "Q.850;cause=17") == "wrong_number"


@pytest.mark.parametrize(
    ("reasons", "cause"),
    [
        (["Q.850;cause=16"], 16),
        (['SIP;cause=200;text="Q.850;cause=3"', "q.850 ;text=x; cause=41"], 41),
        (["Q.850;cause=0"], None),
        (["Q.850;cause=128, Q.850;cause=127"], 127),
        ([], None),
    ],
)
def test_a_cause_is_one_that_q850_has(reasons: list[str], cause: int | None) -> None:
    assert first_q850(reasons) == cause


def test_a_cause_is_said_in_words() -> None:
    assert q850_words(17) == "Q.850 cause 17: user busy"
    assert q850_words(99) == "Q.850 cause 99"
