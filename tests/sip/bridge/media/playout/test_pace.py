"""When sound has to wait longer, and when less."""

from __future__ import annotations

import pytest

from sip.bridge.media.g711 import FRAME
from sip.bridge.media.playout.pace import CALM_BUCKETS, LEAST, LONGEST, MOST, Pace

CALM_TICKS = CALM_BUCKETS * 50


def noted(pace: Pace, slack: float, ticks: int, free: int = 0) -> list[int]:
    wanted = []
    for _ in range(ticks):
        pace.note(slack, free)
        wanted.append(pace.tick())
    return wanted


@pytest.mark.parametrize("slack", [LEAST, 0.01, 0.02, MOST])
def test_what_comes_in_good_time_changes_nothing(slack: float) -> None:
    assert set(noted(Pace(), slack, 1000)) == {0}


@pytest.mark.parametrize(("slack", "frames"), [(0.003, 1), (0.0, 1), (-0.02, 2), (-0.05, 3)])
def test_what_comes_too_close_makes_it_wait_at_once(slack: float, frames: int) -> None:
    pace = Pace()

    assert noted(pace, slack, 1) == [frames * FRAME]
    pace.moved(frames * FRAME)
    assert noted(pace, slack + frames * 0.02, 300) == [0] * 300


@pytest.mark.parametrize(("slack", "frames"), [(0.028, 1), (0.048, 2), (0.11, 5)])
def test_what_is_never_needed_is_given_back_after_a_while(slack: float, frames: int) -> None:
    pace = Pace()
    wanted = noted(pace, slack, CALM_TICKS)

    assert set(wanted[:-1]) == {0}
    assert wanted[-1] == -frames * FRAME


def test_samples_that_wait_for_nothing_are_given_back_too() -> None:
    assert noted(Pace(), 0.01, CALM_TICKS, free=100)[-1] == -100


def test_one_that_needed_it_keeps_it_for_all() -> None:
    pace = Pace()
    for _ in range(20):
        assert set(noted(pace, 0.09, 200)) <= {0}
        assert set(noted(pace, 0.008, 1)) == {0}


def test_a_line_that_was_late_again_and_again_is_trusted_later() -> None:
    pace = Pace()
    for _ in range(3):
        pace.late(FRAME)

    assert set(noted(pace, 0.05, 8 * CALM_TICKS - 1)) == {0}
    assert noted(pace, 0.05, 1)[0] < 0


def test_nothing_waits_beyond_the_limit() -> None:
    pace = Pace()
    pace.note(LONGEST, 0)

    assert noted(pace, -0.01, 1) == [0]
