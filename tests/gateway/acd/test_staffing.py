"""How many people a queue needs: against published tables, sums over states, and chance itself."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass

import pytest

from gateway.acd.staffing import Load, Target, expected, needed

# Calls an hour, seconds a call, people: within 20 s, average wait (tables of Erlang C).
ERLANG_C = [
    (200, 180, 11, 0.3896, 122.8),
    (200, 180, 14, 0.8884, 7.8),
    (100, 180, 8, 0.8801, 10.0),
]


@pytest.mark.parametrize(("calls", "handle", "people", "in_time", "wait"), ERLANG_C)
def test_whoever_waits_for_ever(
    calls: float, handle: float, people: int, in_time: float, wait: float
) -> None:
    found = expected(Load(calls, handle), people, 20)

    assert found.in_time == pytest.approx(in_time, abs=5e-4)
    assert found.wait_s == pytest.approx(wait, abs=0.06)
    assert (found.gave_up, found.occupancy) == (0, calls * handle / 3600 / people)


@dataclass(frozen=True)
class States:
    """The same by the probability of each number of callers, without an integral."""

    gave_up: float
    wait_s: float


def by_states(load: Load, people: int) -> States:
    assert load.patience_s is not None
    arrivals = load.calls_per_hour / 3600
    weights = [1.0]
    for there in range(1, people + 3000):
        left = min(there, people) / load.handle_s + max(0, there - people) / load.patience_s
        weights.append(weights[-1] * arrivals / left)
        if there > people and weights[-1] < 1e-18 * max(weights):
            break
    waiting = sum(w * max(0, n - people) for n, w in enumerate(weights)) / sum(weights)
    return States(waiting / load.patience_s / arrivals, waiting / arrivals)


@pytest.mark.parametrize("patience", [5, 60, 600, 20_000])
@pytest.mark.parametrize(("calls", "people"), [(200, 3), (200, 10), (200, 14), (2_400, 100)])
def test_whoever_gives_up(calls: float, people: int, patience: float) -> None:
    """Too few people, just enough, and plenty."""
    load = Load(calls, 180, patience)
    found, known = expected(load, people, 20), by_states(load, people)

    assert found.gave_up == pytest.approx(known.gave_up, rel=1e-3, abs=1e-6)
    assert found.wait_s == pytest.approx(known.wait_s, rel=1e-3, abs=1e-3)


def by_chance(load: Load, people: int, within: float, calls: int) -> tuple[float, float]:
    """Share answered in time and share that gave up, of calls that were drawn."""
    chance = random.Random(7)
    free = [0.0] * people
    now = in_time = gave_up = 0.0
    for _ in range(calls):
        now += chance.expovariate(load.calls_per_hour / 3600)
        waits = max(0.0, free[0] - now)
        if load.patience_s and waits > chance.expovariate(1 / load.patience_s):
            gave_up += 1
            continue
        heapq.heapreplace(free, now + waits + chance.expovariate(1 / load.handle_s))
        in_time += waits <= within
    return in_time / calls, gave_up / calls


@pytest.mark.parametrize(
    ("load", "people"),
    [(Load(200, 180), 13), (Load(200, 180, 60), 9), (Load(900, 60, 30), 14)],
)
def test_what_chance_makes_of_it(load: Load, people: int) -> None:
    found = expected(load, people, 20)
    in_time, gave_up = by_chance(load, people, 20, 200_000)

    assert found.in_time == pytest.approx(in_time, abs=0.01)
    assert found.gave_up == pytest.approx(gave_up, abs=0.01)


@pytest.mark.parametrize(
    "load",
    [Load(200, 180), Load(0.5, 30), Load(60_000, 180), Load(200, 180, 60), Load(60_000, 240, 90)],
)
def test_one_person_less_is_not_enough(load: Load) -> None:
    target = Target(0.8, 20)
    least = needed(load, target)

    assert least.in_time >= target.share
    assert least.people == 1 or not enough(load, least.people - 1, target)


def enough(load: Load, people: int, target: Target) -> bool:
    try:
        return expected(load, people, target.within_s).in_time >= target.share
    except ValueError:
        return False


def test_people_are_not_to_be_busy_all_the_time() -> None:
    """Many people reach a target while nobody ever rests."""
    load, target = Load(6_000, 180), Target(0.8, 20)

    assert needed(load, target).occupancy > 0.95
    assert needed(load, target, 0.85).occupancy <= 0.85


def test_too_few_for_callers_who_never_give_up() -> None:
    with pytest.raises(ValueError, match="more calls come"):
        expected(Load(200, 180), 10, 20)
    with pytest.raises(ValueError, match="not even 10,000"):
        needed(Load(1_000_000, 180), Target(0.8, 20))


def test_with_plenty_of_people_nobody_waits() -> None:
    for load in (Load(1, 30), Load(1, 30, 60)):
        found = expected(load, 5_000, 0)
        assert (found.in_time, found.wait_s, found.gave_up) == (1, 0, 0)
