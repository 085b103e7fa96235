"""How long the tools take: check and reload of 1,000 rules, mutation, and a replay."""

from __future__ import annotations

import asyncio
import functools
import logging
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from dialplans.analysis.diff import PastCall, diff
from dialplans.analysis.mutation.mutate import mutate
from dialplans.language.load import load_text
from dialplans.revisions.store import PlanStore
from dialplans.revisions.watch import watch
from dialplans.telephony.call import CallContext
from tests.bench.dialplan_large import large_plan, numbers, show, some_caller, timed

EXAMPLE = Path(__file__).parents[1] / "dialplans/company.yaml"
FILES = {"p.md": "You answer."}
RUNS = 15


def check() -> bool:
    text = large_plan(50)
    taken = [timed(lambda: load_text(text, others=FILES).report()) for _ in range(RUNS)]
    return show("check of 1,000 rules and 200 numbers", taken, 1)


def mutation() -> bool:
    loaded = load_text(EXAMPLE.read_text("utf-8"), others={})
    taken = [timed(lambda: mutate(loaded, suggest=True)) for _ in range(RUNS)]
    found = mutate(loaded, suggest=True)
    words = f"mutation of the example ({found.mutants} mutants, with --suggest)"
    return show(words, taken, 1)


def replay() -> bool:
    """Every number's afternoon is cut short and one rule is gone: a diff that moves calls."""
    text = large_plan(50)
    old = load_text(text, others=FILES).plan
    new = load_text(text.replace("13:00-16", "13:00-15"), others=FILES).plan
    assert old is not None
    assert new is not None
    rng = random.Random(1)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    calls = [
        PastCall(
            CallContext(rng.choice(numbers()), some_caller(rng)),
            start + timedelta(minutes=rng.randint(0, 525_600)),
        )
        for _ in range(5000)
    ]
    taken = [timed(lambda: diff(old, new, calls)) for _ in range(RUNS)]
    return show("diff with a replay of 5,000 calls", taken, 2)


def reload() -> bool:
    """From the file's last byte to the moment a new call would begin with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "main.yaml"
        path.write_text(large_plan(50), "utf-8")
        path.with_name("p.md").write_text("You answer.", "utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        program = shutil.which("redis-server") or sys.exit("redis-server is not installed")
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder)
        try:
            taken = asyncio.run(_reloads(port, path))
        finally:
            server.terminate()
            server.wait(10)
    return show("reload of 1,000 rules: saved → in force", taken, 2)


async def _until(ask: Callable[[], Awaitable[bool]]) -> None:
    while True:
        with suppress(RedisConnectionError):
            if await ask():
                return
        await asyncio.sleep(0.005)


async def _reloads(port: int, path: Path) -> list[float]:
    redis = Redis(port=port)
    store, stop = PlanStore(redis), asyncio.Event()

    async def differs(before: str | None) -> bool:
        return await store.revision() != before

    task = asyncio.create_task(watch(store, path, stop))
    await _until(lambda: differs(None))
    await asyncio.sleep(1)  # the watcher has begun to look
    text, taken = large_plan(50), []
    for run in range(RUNS):
        before = await store.revision()
        await asyncio.to_thread(path.write_text, text.replace("max: 60s", f"max: {61 + run}s"))
        began = time.perf_counter()
        await _until(functools.partial(differs, before))
        taken.append(time.perf_counter() - began)
    stop.set()
    await task
    await redis.aclose()
    return taken


def main() -> int:
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    good = [check(), mutation(), replay(), reload()]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
