"""Who sent a call on to our number, and why."""

from __future__ import annotations

import pytest

from dialplans.telephony.forwarding import forwarded_because, forwarded_from

US, LIKE = "+498920001000", "DE"


def told(**headers: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    numbers = forwarded_from(named, US, LIKE)
    return dict(zip(numbers, forwarded_because(named, US, LIKE), strict=True))


@pytest.mark.parametrize(
    ("diversion", "found"),
    [
        ("<sip:+49301@c>;reason=user-busy;counter=1", {"+49301": "user-busy"}),
        ('"B, C" <tel:+49301>;Reason="No-Answer"', {"+49301": "no-answer"}),
        (
            "<sip:+49301@c>;reason=time-of-day, <sip:+49302@c>",
            {"+49301": "time-of-day", "+49302": ""},
        ),
        ("<sip:+49301@c>;privacy=full;reason=deflection", {"anonymous": "deflection"}),
        ("<sip:+49301@c>;reason=x<script>", {"+49301": ""}),
        ("<sip:+49301@c>;reason=" + "a" * 99, {"+49301": "a" * 32}),
    ],
)
def test_diversion_says_why(diversion: str, found: dict[str, str]) -> None:
    """RFC 5806 §4.1, with names, in any case, several hops, and what a stranger might write."""
    assert told(diversion=diversion) == found


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (
            "<sip:+49301@c?Reason=SIP%3Bcause%3D486>;index=1, <sip:+498920001000@c>;index=1.1",
            {"+49301": "user-busy"},
        ),
        (
            "<sip:+49301@c>;index=1, <sip:+498920001000@c;cause=408>;index=1.1;mp=1",
            {"+49301": "no-answer"},
        ),
        (
            '<sip:+49301@c?reason=Q.850%3Bcause%3D"17"&Privacy=none>;index=1, <sip:x@c>;index=1.1',
            {"anonymous": "user-busy"},
        ),
        (
            "<sip:+49301@c>;index=1, <sip:+49302@c;cause=302>;index=1.1, <sip:x@c>;index=1.1.1",
            {"+49302": "", "+49301": "unconditional"},
        ),
        ("<sip:+49301@c?Reason=SIP%3Bcause%3D200>;index=1, <sip:x@c>;index=2", {"+49301": ""}),
    ],
)
def test_history_says_why(history: str, found: dict[str, str]) -> None:
    """By the escaped Reason of a target that was left (RFC 7044), or by the `cause` of the next one
    (RFC 4458)."""
    assert told(history_info=history) == found


def test_what_one_header_leaves_out_the_other_says() -> None:
    history = "<sip:+49301@c?Reason=SIP%3Bcause%3D486>;index=1, <sip:x@c>;index=1.1"

    assert told(diversion="<sip:+49301@c>", history_info=history) == {"+49301": "user-busy"}
    assert told(
        diversion="<sip:+49301@c>;reason=away", history_info=history, privacy="history"
    ) == {"+49301": "away", "anonymous": "user-busy"}
