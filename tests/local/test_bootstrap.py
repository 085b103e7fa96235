"""What brings a machine what it lacks."""

from __future__ import annotations

import threading

import pytest

from gateway.local.bootstrap import side_by_side, stop


def test_lanes_go_side_by_side_and_the_steps_of_one_after_another() -> None:
    """Neither could pass the barrier without the other; what needs a step comes after it."""
    met = threading.Barrier(2)
    done: list[str] = []

    side_by_side(
        [
            (lambda: done.append("packages"), lambda: met.wait(10), lambda: done.append("python")),
            (lambda: met.wait(10),),
        ]
    )

    assert done == ["packages", "python"]


def test_what_fails_ends_its_own_lane_and_all_of_it_with_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done: list[str] = []

    with pytest.raises(SystemExit) as ended:
        side_by_side(
            [
                (lambda: stop("Go is not installed"), lambda: done.append("after it")),
                (lambda: done.append("npm"),),
            ]
        )

    assert ended.value.code == 1
    assert done == ["npm"]
    assert capsys.readouterr().err == "switchboard: Go is not installed\n"
