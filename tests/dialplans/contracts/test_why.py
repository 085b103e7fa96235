"""Each way in which a call goes wrong is one sentence that somebody can act on."""

from __future__ import annotations

import pytest

from dialplans.contracts import why
from dialplans.contracts.causes import EndCause, RefusalReason

GOOD = {
    "talk_s": 60.0,
    "rtp_received": 3000.0,
    "rtp_sent": 3000.0,
    "rtp_strangers": 0.0,
    "longest_hole_ms": 40.0,
}
DEAF = {**GOOD, "rtp_received": 0.0, "longest_hole_ms": 60_000.0}


@pytest.mark.parametrize("reason", list(RefusalReason))
def test_every_refusal_has_a_sentence_of_its_own(reason: RefusalReason) -> None:
    said = why.refused(404, reason)

    assert said.startswith("Refused with 404: ")
    assert said != f"Refused with 404: {reason.replace('_', ' ')}."
    assert said.count(".") == 1


def test_refusals_are_told_apart() -> None:
    assert len({why.refused(403, reason) for reason in RefusalReason}) == len(RefusalReason)


def test_what_else_is_known_of_a_refusal_is_in_brackets() -> None:
    said = why.refused(488, RefusalReason.MEDIA_UNSUPPORTED, "neither PCMU nor PCMA is offered")

    assert said.endswith("speak (neither PCMU nor PCMA is offered).")


def test_a_reason_of_another_release_is_named_as_it_is() -> None:
    assert why.refused(403, "too_far_away") == "Refused with 403: too far away."
    assert why.refused(403, "") == "Refused with 403: no reason was given."


@pytest.mark.parametrize(
    ("code", "part"),
    [
        (486, "is busy (486)"),
        (603, "declined (603)"),
        (404, "no such number (404)"),
        (408, "in time (408)"),
        (480, "cannot be reached at the moment (480)"),
        (503, "takes no calls at the moment, or is not there (503)"),
        (418, "the other side refused it (418)"),
        (None, "nobody answered."),
    ],
)
def test_a_call_of_ours_that_nobody_took_says_what_the_other_side_said(
    code: int | None, part: str
) -> None:
    said = why.ended(EndCause.NO_ANSWER, code, {})

    assert said.startswith("Not answered: ")
    assert part in said


def test_the_cause_of_the_telephone_network_stands_in_the_sentence() -> None:
    busy = why.ended(EndCause.BUSY, 500, {}, detail="the other side answered 500", q850=17)
    broken = why.ended(EndCause.CALLER_HUNG_UP, None, GOOD, q850=41)
    deaf = why.ended(EndCause.CALLER_HUNG_UP, None, DEAF, q850=41)
    normal = why.ended(EndCause.CALLER_HUNG_UP, None, GOOD, q850=16)

    assert busy == "Not answered: the other side answered 500 (500; Q.850 cause 17: user busy)."
    assert broken == "Ended by the telephone network: Q.850 cause 41: temporary failure."
    assert deaf.startswith("One-way: ")
    assert normal == ""


def test_of_a_call_that_went_well_nothing_is_said() -> None:
    for cause in (EndCause.CALLER_HUNG_UP, EndCause.TRANSFERRED, EndCause.MESSAGE_TAKEN, "new"):
        assert why.ended(cause, None, GOOD) == ""


@pytest.mark.parametrize(
    "cause", [EndCause.MEDIA_TIMEOUT, EndCause.MAX_DURATION, EndCause.ROOM_CLOSED, EndCause.FAILED]
)
def test_a_call_that_nobody_ended_says_what_did(cause: EndCause) -> None:
    assert why.ended(cause, None, GOOD).startswith("Ended ")


def test_a_phone_that_was_never_heard_is_a_one_way_call_whoever_ended_it() -> None:
    for cause in (EndCause.CALLER_HUNG_UP, EndCause.MEDIA_TIMEOUT):
        said = why.ended(cause, None, DEAF)

        assert said.startswith("One-way: nothing was heard of the phone in 60 s; ")
        assert "a NAT that blocks it" in said


def test_packets_from_elsewhere_are_a_clue() -> None:
    said = why.one_way({**DEAF, "rtp_strangers": 2900.0})

    assert "2900 packets came, but from addresses that are not the phone's" in said


def test_nothing_sent_is_one_way_too_and_nothing_at_all_is_both() -> None:
    assert why.one_way({**GOOD, "rtp_sent": 0.0}).startswith("One-way: nothing was sent")
    assert why.one_way({**DEAF, "rtp_sent": 0.0}).startswith("No sound either way")


@pytest.mark.parametrize(
    "figures",
    [
        {**DEAF, "talk_s": 1.5},
        {**DEAF, "longest_hole_ms": 0.0},
        {name: value for name, value in DEAF.items() if name != "longest_hole_ms"},
        {"turns": 4.0, "duration_s": 60.0},
        {},
    ],
    ids=["too short", "it only listened", "an older leg", "a job", "nothing"],
)
def test_what_nobody_knows_is_not_said(figures: dict[str, float]) -> None:
    assert why.one_way(figures) == ""


def test_a_transfer_says_whom_and_why_not() -> None:
    said = why.transfer_failed("sip:ann@here", "the phone refuses: sip status: 603")

    assert said == "The transfer to sip:ann@here failed: the phone refuses: sip status: 603."
