"""What an answer to our INVITE says about the telephone that was rung."""

from __future__ import annotations

import pytest

from dialplans.contracts.causes import EndCause
from dialplans.contracts.dial_outcome import NO_RESPONSE, dial_outcome
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
        (403, 'Q.850;cause="21"', "declined"),
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
