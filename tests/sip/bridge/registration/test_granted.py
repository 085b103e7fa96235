"""What an answer to REGISTER grants, and when to ask again."""

from __future__ import annotations

import pytest
from aiosipua.message import SipMessage, SipResponse
from hypothesis import given
from hypothesis import strategies as st

from sip.bridge.registration.granted import (
    Granted,
    granted,
    keep_alive_every,
    refresh_after,
    wait_after,
)

OURS = "<sip:box@192.0.2.1:5060;transport=udp>"


def answer(*lines: str) -> SipResponse:
    made = SipMessage.parse("\r\n".join(["SIP/2.0 200 OK", *lines, "", ""]).encode())
    assert isinstance(made, SipResponse)
    return made


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ((f"Contact: {OURS};expires=120",), 120),
        ((f"m: {OURS};q=1;EXPIRES=120",), 120),
        ((f'Contact: {OURS};expires="120"',), 120),
        (("Contact: sip:box@192.0.2.1;expires=120",), 120),
        (("Contact: <sip:box@192.0.2.1:5060>;expires=120", "Expires: 7"), 120),
        ((f"Contact: {OURS}", "Expires: 300"), 300),
        ((f"Contact: {OURS}",), 600),
        ((f"Contact: {OURS};expires=soon",), 600),
        ((), 600),
        (("Expires: 90",), 90),
        ((f"Contact: <sip:desk@192.0.2.9>;expires=5, {OURS};expires=120",), 120),
        (("Contact: <sip:box@192.0.2.9>;expires=5", f"Contact: {OURS};expires=120"), 120),
        (("Contact: <sip:box@203.0.113.1:40123;ob>;expires=60",), 60),
        (("Contact: <sip:hidden-17@sbc.example>;expires=60",), 60),
        ((f"Contact: {OURS};expires=0",), 0),
    ],
)
def test_the_time_of_our_own_contact_counts(lines: tuple[str, ...], seconds: int) -> None:
    """However the header is written, and whatever a server between made of our address."""
    assert granted(answer(*lines), OURS, 600) == Granted(seconds)


@given(st.integers(1, 2**31))
def test_a_registration_is_renewed_before_it_ends_and_not_all_the_time(seconds: int) -> None:
    after = refresh_after(seconds)

    assert max(1, seconds / 2) <= after <= max(1, 0.85 * seconds)


@given(st.integers(1, 10_000), st.integers(0, 10**9), st.booleans())
def test_waits_are_bounded_on_both_sides(failures: int, least: int, longest: bool) -> None:
    wait = wait_after(failures, least=least, longest=longest)

    assert max(5, min(least, 3600)) <= wait <= 3600


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ((), 25.0),
        (("Flow-Timer: 120",), 25.0),
        (("Flow-Timer: 15",), 12.0),
        (("Flow-Timer: 1",), 1.0),
        (("Flow-Timer: 0",), 25.0),
        (("Flow-Timer: soon",), 25.0),
    ],
)
def test_the_way_is_kept_open_as_often_as_the_server_wants(
    told: tuple[str, ...], seconds: float
) -> None:
    """RFC 5626 §4.4.1: or it would take the connection for dead, and no call come by it."""
    found = granted(answer(f"Contact: {OURS};expires=120", *told), OURS, 600)

    assert keep_alive_every(25.0, found.flow_timer) == seconds
