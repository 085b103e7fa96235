"""How many people a queue needs, by Erlang C and Erlang A.

Both take calls that come by chance and last by chance, first come first served, and the people of a
queue as alike. Erlang A also lets callers give up, each after a patience of its own: without it a
crowded queue looks worse than it will be. The integrals are those of Mandelbaum and Zeltyn,
"Service engineering in action: the Palm/Erlang-A queue" (2007).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

MOST_PEOPLE = 10_000
_STEPS = 2_000
"""Of an integral; the error is below 1e-6 of what is asked for here."""
_NEGLIGIBLE = 40.0
"""Of e to the power of minus that much nothing is counted."""


@dataclass(frozen=True)
class Load:
    """What comes to the queue. `calls_per_hour`; `handle_s` is talk and wrap-up together in
    seconds; `patience_s` is how long callers wait on average before they give up, None where all
    of them wait."""

    calls_per_hour: float
    handle_s: float
    patience_s: float | None = None

    @property
    def erlangs(self) -> float:
        """How many would be busy at once if there were enough people."""
        return self.calls_per_hour * self.handle_s / 3600


@dataclass(frozen=True)
class Target:
    """A share of all calls (0 to 1) that is to be answered within so many seconds."""

    share: float
    within_s: float


@dataclass(frozen=True)
class Staffing:
    """What so many people on calls at once come to. Shares are of all calls, 0 to 1; who gives up
    is not answered in time."""

    people: int
    in_time: float
    wait_s: float
    """On average, over all calls, in seconds."""
    gave_up: float
    occupancy: float
    """Of their time, what people spend on calls and wrap-up."""


def expected(load: Load, people: int, within_s: float) -> Staffing:
    """Raises ValueError where callers without end of patience come faster than they are served."""
    arrivals = load.calls_per_hour / 3600
    served = people / load.handle_s
    if load.patience_s is None and arrivals >= served:
        raise ValueError("more calls come than so many people can ever take")
    waits = _Waits(arrivals, served, load.patience_s)
    waiting = arrivals * _all_busy(load.erlangs, people - 1)
    at_once, ever = math.exp(-waits.scale), waiting * waits.all()
    in_time = (at_once + waiting * waits.answered_by(within_s)) / (at_once + ever)
    if load.patience_s is None:
        gave_up, wait = 0.0, ever / (at_once + ever) / (served - arrivals)
    else:
        one = _all_busy(load.erlangs, people - 1) * at_once
        lost = (one + (arrivals - served) * ever / arrivals) / (at_once + ever)
        gave_up = min(1.0, max(0.0, lost))
        wait = gave_up * load.patience_s  # each second of waiting loses the same share
    occupancy = load.erlangs * (1 - gave_up) / people
    return Staffing(people, min(1.0, in_time), wait, gave_up, occupancy)


def needed(load: Load, target: Target, most_occupied: float = 1.0) -> Staffing:
    """The fewest people that reach the target, busy at most that share of their time.

    Raises ValueError where even 10,000 do not.
    """
    floor = load.erlangs if load.patience_s is None else 0.0
    low, high = max(1, math.floor(floor) + 1), max(2, math.floor(floor) + 2)
    while not _reached(found := expected(load, high, target.within_s), target, most_occupied):
        if high > MOST_PEOPLE:
            raise ValueError(f"not even {MOST_PEOPLE:,} people reach that")
        low, high = high + 1, high * 2
    while low < high:
        middle = (low + high) // 2
        tried = expected(load, middle, target.within_s)
        if _reached(tried, target, most_occupied):
            high, found = middle, tried
        else:
            low = middle + 1
    return found


def _reached(found: Staffing, target: Target, most_occupied: float) -> bool:
    return found.in_time >= target.share and found.occupancy <= most_occupied


def _all_busy(erlangs: float, people: int) -> float:
    """Erlang B by its recursion, which never overflows: all are busy, and nobody can wait."""
    share = 1.0
    for busy in range(1, people + 1):
        share = erlangs * share / (busy + erlangs * share)
    return share


@dataclass(frozen=True)
class _Waits:
    """Integrals over the time that a caller would wait who never gives up, rates in calls a second.
    All are less by a factor of e to the `scale`."""

    arrivals: float
    served: float
    patience_s: float | None

    @cached_property
    def scale(self) -> float:
        return float(self._power(self._top)) if self.patience_s else 0.0

    def all(self) -> float:
        if self.patience_s is None:
            return 1 / (self.served - self.arrivals)
        return self._integral(self._end, stays=False)

    def answered_by(self, seconds: float) -> float:
        if self.patience_s is None:
            pace = self.served - self.arrivals
            return -math.expm1(-pace * seconds) / pace
        return self._integral(min(seconds, self._end), stays=True)

    def _integral(self, until: float, *, stays: bool) -> float:
        """Of the density up to `until`, by Simpson; `stays` counts who has not given up by then."""
        times = np.linspace(0.0, until, _STEPS + 1)
        power = self._power(times) - self.scale
        if stays and self.patience_s is not None:
            power -= times / self.patience_s
        values = np.exp(power)
        inner = 4 * values[1:-1:2].sum() + 2 * values[2:-1:2].sum()
        return float(until / _STEPS / 3 * (values[0] + inner + values[-1]))

    def _power(self, times: Any) -> Any:
        """Rises to its top, if anything, and falls from there."""
        patience = self.patience_s or math.inf
        return self.arrivals * patience * -np.expm1(-times / patience) - self.served * times

    @property
    def _top(self) -> float:
        return max(0.0, (self.patience_s or 0.0) * math.log(self.arrivals / self.served))

    @cached_property
    def _end(self) -> float:
        """A time after which nothing worth counting comes."""
        near, far = self._top, self._top + 1 / self.served
        while self._power(far) > self.scale - _NEGLIGIBLE:
            near, far = far, self._top + 2 * (far - self._top)
        for _ in range(20):
            middle = (near + far) / 2
            if self._power(middle) > self.scale - _NEGLIGIBLE:
                near = middle
            else:
                far = middle
        return far
