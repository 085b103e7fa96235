"""What processes cost, and when they are done with what they do between calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

IDLE_SHARE = 0.2
CALL_SHARE = 0.4
"""Of a core: an installation without calls, and what a standing call may add to it."""
LOOK_S = 1.0
QUIET_LOOKS = 2


def tree(*roots: int) -> list[psutil.Process]:
    """The processes and all their descendants that live now."""
    found: dict[int, psutil.Process] = {}
    for root in roots:
        try:
            process = psutil.Process(root)
            found |= {one.pid: one for one in (process, *process.children(recursive=True))}
        except psutil.NoSuchProcess:
            continue
    return list(found.values())


def memory_mb(processes: Iterable[psutil.Process]) -> float:
    """Proportional set size: what is shared by several counts once (proc(5), smaps_rollup)."""
    return sum(_pss_kb(process.pid) for process in processes) * 1024 / 1e6


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def cpu_seconds(processes: Iterable[psutil.Process]) -> dict[int, float]:
    spent: dict[int, float] = {}
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent[process.pid] = float(times.user + times.system)
    return spent


async def settle(*roots: int, calls: int = 0, timeout_s: float = 240.0) -> float:
    """Waits until the next job process is warm and nothing is rendered ahead any more, which
    shows as processes that are idle but for `calls` standing calls. Returns the share of a core
    that they still use; a machine that never calms down is measured as it is."""
    deadline = time.monotonic() + timeout_s
    quiet, used = 0, float("inf")
    before, began = cpu_seconds(tree(*roots)), time.monotonic()
    while quiet < QUIET_LOOKS and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_S)
        now, took = cpu_seconds(tree(*roots)), time.monotonic() - began
        used = sum(spent - before.get(pid, 0.0) for pid, spent in now.items()) / took
        quiet = quiet + 1 if used < IDLE_SHARE + CALL_SHARE * calls else 0
        before, began = now, time.monotonic()
    return used
