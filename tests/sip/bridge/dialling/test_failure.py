"""A refusal in one sentence, for the record and the log."""

from __future__ import annotations

import pytest
from aiosipua.message import SipResponse

from sip.bridge.dialling.failure import LONGEST_DETAIL, NotAnsweredError


def refused(code: int, words: str, **headers: str) -> NotAnsweredError:
    response = SipResponse(status_code=code, reason_phrase=words)
    for name, value in headers.items():
        response.headers.append(name, value)
    return NotAnsweredError.refused(response)


@pytest.mark.parametrize(
    ("failure", "cause", "detail"),
    [
        (refused(486, "Busy Here"), "busy", "the other side answered 486 Busy Here"),
        (
            refused(503, "Service Unavailable", Reason='Q.850;cause=27;text="out of order"'),
            "unreachable",
            "the other side answered 503 Service Unavailable: out of order",
        ),
        (
            refused(488, "Not Acceptable Here", Warning='305 a.example "no common codec"'),
            "failed",
            "the other side answered 488 Not Acceptable Here: no common codec",
        ),
        (NotAnsweredError.rang_out(25.0), "no_answer", "nobody answered within 25 s"),
        (
            NotAnsweredError.silent("192.0.2.7:5060"),
            "unreachable",
            "no answer at all from 192.0.2.7:5060",
        ),
        (NotAnsweredError.no_way("no connection to x"), "unreachable", "no connection to x"),
        (NotAnsweredError.given_up("the caller hung up"), "cancelled", "the caller hung up"),
    ],
)
def test_every_failure_has_its_sentence(failure: NotAnsweredError, cause: str, detail: str) -> None:
    assert (failure.cause, failure.detail) == (cause, detail)


def test_what_a_stranger_writes_stays_one_short_line() -> None:
    """No line of a log and no command of a terminal is made of a reason phrase."""
    failure = refused(403, "No\x1b[2J\tway " + "x" * 500)

    assert "\x1b" not in failure.detail
    assert len(failure.detail) == LONGEST_DETAIL


def test_only_what_the_other_side_said_is_theirs() -> None:
    assert refused(486, "Busy Here").theirs
    assert not NotAnsweredError.rang_out(5).theirs


def test_what_the_telephone_network_says_is_kept_beside_the_status() -> None:
    """RFC 3326, however it is written; a gateway's own cause is not the network's."""
    assert refused(500, "x", Reason="q.850 ;cause=17").q850 == 17
    assert refused(500, "x", Reason='SIP;cause=500, Q.850;cause="34"').q850 == 34
    assert refused(500, "x", Reason="SIP;cause=17").q850 is None
    assert refused(486, "Busy Here").q850 is None
