"""Session timers (RFC 4028)."""

from __future__ import annotations

import pytest

from sip.bridge.signalling.session_timer import (
    IntervalTooSmallError,
    SessionTimer,
    as_client,
    as_server,
    read,
)


def test_a_phone_that_can_refresh_is_left_to_do_it() -> None:
    timer, headers = as_server("1800", peer_supports=True)

    assert timer == SessionTimer(1800, we_refresh=False)
    assert ("Session-Expires", "1800;refresher=uac") in headers
    assert ("Require", "timer") in headers


def test_the_phone_may_choose_us() -> None:
    timer, _ = as_server("1800;refresher=uas", peer_supports=True)

    assert timer == SessionTimer(1800, we_refresh=True)


def test_when_only_a_proxy_asked_we_refresh() -> None:
    """Nothing is required of a phone that does not know timers (RFC 4028 §9)."""
    timer, headers = as_server("1800;refresher=uac", peer_supports=False)

    assert timer == SessionTimer(1800, we_refresh=True)
    assert headers == [("Session-Expires", "1800;refresher=uas")]


def test_a_short_interval_is_refused() -> None:
    with pytest.raises(IntervalTooSmallError):
        as_server("60", peer_supports=True)


@pytest.mark.parametrize("asked", ["1", "0001;refresher=uac", "89"])
def test_a_short_interval_of_a_proxy_is_made_longer(asked: str) -> None:
    """Or we would refresh for a phone that knows nothing of it, twice a second."""
    timer, headers = as_server(asked, peer_supports=False)

    assert timer == SessionTimer(90, we_refresh=True)
    assert headers == [("Session-Expires", "90;refresher=uas")]


@pytest.mark.parametrize("value", [None, "", "abc", "-5", "9999999999"])
def test_without_a_readable_interval_there_is_no_timer(value: str | None) -> None:
    assert read(value) is None
    assert as_server(value, peer_supports=True) == (None, [])


def test_as_caller_we_refresh_unless_they_do() -> None:
    assert as_client("600;refresher=uac") == SessionTimer(600, we_refresh=True)
    assert as_client("600;refresher=uas") == SessionTimer(600, we_refresh=False)
    assert as_client(None) is None


def test_when_to_refresh_and_when_to_give_up() -> None:
    """Half the interval; and 32 s, or a third, before its end (RFC 4028 §10)."""
    assert SessionTimer(1800, we_refresh=True).refresh_after == 900
    assert SessionTimer(1800, we_refresh=False).dead_after == 1768
    assert SessionTimer(60, we_refresh=False).dead_after == 40
