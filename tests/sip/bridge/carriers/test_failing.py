"""Addresses that failed come last for a while."""

from __future__ import annotations

from sip.bridge.carriers.failing import FIRST_SECONDS, LONGEST_SECONDS, Failing
from sip.bridge.carriers.locate import Hop

A, B, C = (Hop((f"192.0.2.{n}", 5060), "udp") for n in (1, 2, 3))


def test_who_failed_comes_last_until_some_time_has_passed() -> None:
    failing = Failing()
    failing.note(A, 0.0)

    assert failing.ordered([A, B, C], 1.0) == [B, C, A]
    assert failing.ordered([A, B, C], FIRST_SECONDS) == [A, B, C]


def test_who_fails_again_waits_longer_and_never_for_ever() -> None:
    failing, now, waits = Failing(), 0.0, []
    for _ in range(8):
        failing.note(A, now)
        wait = next(n for n in range(1, 1000) if not failing.is_failing(A, now + n))
        waits.append(wait)
        now += wait

    assert waits[:3] == [FIRST_SECONDS, 2 * FIRST_SECONDS, 4 * FIRST_SECONDS]
    assert waits[-1] == LONGEST_SECONDS


def test_who_answers_begins_anew() -> None:
    failing = Failing()
    failing.note(A, 0.0)
    failing.note(A, 1.0)
    failing.forget(A)
    failing.note(A, 2.0)

    assert not failing.is_failing(A, 2.0 + FIRST_SECONDS)


def test_who_asks_to_be_left_alone_is() -> None:
    """Retry-After; not for a day, whatever it says."""
    failing = Failing()
    failing.note(A, 0.0, retry_after=120)
    failing.note(B, 0.0, retry_after=86400)

    assert failing.is_failing(A, 119)
    assert not failing.is_failing(A, 120)
    assert not failing.is_failing(B, LONGEST_SECONDS)


def test_all_that_fail_are_still_tried_the_first_to_be_ready_first() -> None:
    failing = Failing()
    failing.note(A, 5.0)
    failing.note(B, 0.0)

    assert failing.ordered([A, B], 6.0) == [B, A]
