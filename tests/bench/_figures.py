"""How a figure is shown, judged, and how many samples of it are taken."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.bench.__main__ import processor

CODEC = "G.711 µ-law, 20 ms packets, no jitter buffer at the phone"


@dataclass(frozen=True)
class Bound:
    """What a figure must be and what it aims at, if anything; `of` is the statistic that counts."""

    must: float = math.inf
    aim: float = math.inf
    of: str = "p95"
    unit: str = "ms"

    def judge(self, found: float) -> str:
        """What there is to say about a figure, in parentheses; nothing where nothing is asked."""
        if math.isinf(self.must) and math.isinf(self.aim):
            return ""
        verdict = "MISSED" if found > self.must else "met" if found > self.aim else "aim met"
        if math.isinf(self.must) and found > self.aim:
            verdict = "aim missed"
        must = "" if math.isinf(self.must) else f"must ≤ {self.must:g}, "
        return f" ({verdict}; {must}aim {self.aim:g}{f' {self.of}' if self.of else ''})"


def count(name: str, usual: int) -> int:
    """`SWITCHBOARD_BENCH_<name>` for a quick look; a figure to be quoted uses what is usual."""
    return int(os.environ.get(f"SWITCHBOARD_BENCH_{name}", usual))


def head(what: str, *clocks: str) -> None:
    """What is measured, on what, and where the clocks start and stop."""
    print(f"{what}\n  {processor()}, {platform.machine()}; {CODEC}; load {load()}")
    for clock in clocks:
        print(f"  clock: {clock}")
    print(flush=True)


def load() -> str:
    """The load averages of one and five minutes: a busy machine explains a bad figure."""
    one, five, _ = os.getloadavg()
    return f"{one:.1f}/{five:.1f}"


def spread(samples: Sequence[float]) -> str:
    if not samples:
        return "n=0"
    p50, p95, p99 = np.percentile(samples, [50, 95, 99])
    return f"n={len(samples)} p50={p50:.0f} p95={p95:.0f} p99={p99:.0f} ms"


def share(samples: Sequence[float], of: str = "p95") -> float:
    """A percentile by its name; of nothing it is infinite, so that no bound is met by silence."""
    return float(np.percentile(samples, float(of[1:]))) if samples else math.inf


def show(name: str, samples: Sequence[float], bound: Bound, *, wanted: int) -> bool:
    """One line. True if the bound is met by as many samples as were wanted."""
    found = share(samples, bound.of)
    missing = wanted - len(samples)
    lost = f", {missing} of {wanted} WITHOUT A RESULT" if missing > 0 else ""
    print(f"{name:<34} {spread(samples)}{bound.judge(found)}{lost}; load {load()}", flush=True)
    return found <= bound.must and missing <= 0


def show_value(name: str, found: float, bound: Bound, *, more: str = "") -> bool:
    """A figure that is one number. `more` explains it."""
    print(f"{name:<34} {found:.3g} {bound.unit}{bound.judge(found)}{more}", flush=True)
    return found <= bound.must
