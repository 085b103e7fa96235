"""How long things took, for whoever asks how the speech process is."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

import psutil

REMEMBERED = 512


class Timings:
    """The last few hundred durations of each kind, and counts since the start."""

    def __init__(self) -> None:
        self._ms: dict[str, deque[float]] = {}
        self._counts: dict[str, int] = {}

    def took(self, what: str, ms: float) -> None:
        self._ms.setdefault(what, deque(maxlen=REMEMBERED)).append(ms)
        self.count(what)

    def count(self, what: str) -> None:
        self._counts[what] = self._counts.get(what, 0) + 1

    def summary(self) -> dict[str, float]:
        """`<kind>_n`, and `<kind>_p50_ms` and `<kind>_p95_ms` where it was timed; `rss_mb`."""
        found: dict[str, float] = {f"{what}_n": float(n) for what, n in self._counts.items()}
        for what, times in self._ms.items():
            ordered = sorted(times)
            found[f"{what}_p50_ms"] = round(ordered[len(ordered) // 2], 1)
            found[f"{what}_p95_ms"] = round(ordered[int(len(ordered) * 0.95)], 1)
        found["rss_mb"] = round(psutil.Process(os.getpid()).memory_info().rss / 2**20, 1)
        return found


def cpu_model() -> str:
    """The name of the processor: every latency is worthless without it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return "unknown processor"
