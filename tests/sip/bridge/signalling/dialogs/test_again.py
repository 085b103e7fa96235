"""When a refused request is sent again."""

from __future__ import annotations

import pytest
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling.dialogs.again import Again, retry_after
from sip.bridge.signalling.digest import Login

CHALLENGE = 'Digest realm="carrier", nonce="{}", algorithm=MD5, qop="auth"'


def request(method: str) -> SipRequest:
    return SipRequest(method=method, uri="sip:bob@y")


def refusal(code: int, **headers: str) -> SipResponse:
    made = SipResponse(status_code=code)
    for name, value in headers.items():
        made.headers.set_single(name.replace("_", "-"), value)
    return made


@pytest.mark.parametrize(("owner", "bounds"), [(True, (2.1, 4.0)), (False, (0.0, 2.0))])
def test_both_sides_of_a_glare_wait_apart(owner: bool, bounds: tuple[float, float]) -> None:
    """RFC 3261 §14.1: whoever made the Call-ID comes later."""
    asked: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return high

    again = Again(None, owner=owner, uniform=uniform)

    assert again.after(request("INVITE"), refusal(491)) == bounds[1]
    assert asked == [bounds]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5", 5.0), ("0", 0.0), ("18000;duration=3600", 18000.0), ("7 (busy)", 7.0), ("soon", None)],
)
def test_how_long_to_wait_is_read_however_it_is_written(value: str, seconds: float | None) -> None:
    assert retry_after(refusal(503, Retry_After=value)) == seconds


def test_both_a_proxy_and_the_phone_may_want_a_login() -> None:
    again = Again(Login("us", "secret"), owner=True)
    by_proxy = refusal(407, Proxy_Authenticate=CHALLENGE.format(1))
    by_phone = refusal(401, WWW_Authenticate=CHALLENGE.format(2))

    assert again.after(request("INFO"), by_proxy) == 0
    assert again.after(request("INFO"), by_phone) == 0
    assert {name for name, _ in again.proofs.headers} == {"Proxy-Authorization", "Authorization"}


@pytest.mark.parametrize(("more", "again_after"), [(", stale=TRUE", 0.0), ("", None)])
def test_a_nonce_may_have_been_too_old(more: str, again_after: float | None) -> None:
    """Without `stale` it is the password that is wrong."""
    again = Again(Login("us", "secret"), owner=True)
    again.after(request("INFO"), refusal(401, WWW_Authenticate=CHALLENGE.format(1)))
    second = refusal(401, WWW_Authenticate=CHALLENGE.format(2) + more)

    assert again.after(request("INFO"), second) == again_after


@pytest.mark.parametrize("challenge", ["", 'Basic realm="x"', 'Digest realm="x", qop="auth-int"'])
def test_a_challenge_that_nobody_here_can_answer_is_a_refusal(challenge: str) -> None:
    again = Again(Login("us", "secret"), owner=True)

    assert again.after(request("INFO"), refusal(401, WWW_Authenticate=challenge)) is None
