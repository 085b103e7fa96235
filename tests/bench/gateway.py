"""The gateway alone: tokens beside the health route, and the price of fifty consoles.

Tokens: `POST /api/tokens` for a web caller and `GET /health/live`, in turn every 5 ms, which is an
open 100 a second of each: a slow answer delays no other question. The clock starts when the
request is sent and stops when the answer has been read, over kept connections. The asker collects
no garbage meanwhile, so that what is measured are the gateway's pauses and not its own.
Consoles: fifty signed-in event streams are read to the end of every frame while 100 events a
second go through 500 calls. The CPU is the gateway process's own, user and system.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import time
from collections.abc import Iterator
from itertools import pairwise

import aiohttp
import numpy as np
import psutil
import uvloop

from tests.bench.__main__ import processor
from tests.bench._alone import Alone, gateway_alone
from tests.bench._floor import EVENTS_PER_SECOND, names, open_calls, talk
from tests.console.accounts import SUE
from tests.console.parties import signed_in

RATE, SECONDS = 100, 15.0
MUST_TOKEN_MS = 10.0
CONSOLES, WATCHED_S = 50, 20.0
MUST_CORE = 0.5


def percentiles(samples: list[float]) -> str:
    p50, p95, p99 = np.percentile(np.array(samples) * 1000, [50, 95, 99])
    return f"n={len(samples)} p50={p50:.1f} p95={p95:.1f} p99={p99:.1f} ms"


def moments(at: list[float], apart_s: float = 0.5) -> int:
    """How often something went wrong, where one stall makes many questions wait."""
    return sum(later - earlier > apart_s for earlier, later in pairwise([-apart_s - 1, *at]))


async def ask(client: aiohttp.ClientSession, method: str, path: str, body: object = None) -> float:
    began = time.perf_counter()
    async with client.request(method, path, json=body) as answer:
        text = await answer.read()
    took = time.perf_counter() - began
    assert answer.ok, text
    return took


@contextlib.contextmanager
def no_garbage_collected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def tokens(base: str) -> float:
    headers = {"X-Switchboard": "1"}
    async with aiohttp.ClientSession(base, headers=headers) as client:
        wish = {"purpose": "caller", "number": "web"}
        for _ in range(30):
            await ask(client, "POST", "/api/tokens", wish)
        taken, health = [], []
        with no_garbage_collected():
            began = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                for number in range(2 * round(RATE * SECONDS)):
                    wait = began + number / RATE / 2 - time.perf_counter()
                    if wait > 0:
                        await asyncio.sleep(wait)
                    if number % 2:
                        health.append(group.create_task(ask(client, "GET", "/health/live")))
                    else:
                        taken.append(group.create_task(ask(client, "POST", "/api/tokens", wish)))
    mint, beside = ([task.result() for task in tasks] for tasks in (taken, health))
    ratio = float(np.percentile(mint, 99) / np.percentile(beside, 99))
    print(f"token          {percentiles(mint)} at {RATE}/s (must < {MUST_TOKEN_MS:g} p99)")
    slow = [number / RATE for number, took in enumerate(mint) if took * 1000 > MUST_TOKEN_MS]
    print(f"               {len(slow)} tokens over it, in {moments(slow)} moments")
    print(f"health beside  {percentiles(beside)} at {RATE}/s; token p99 / health p99 = {ratio:.2f}")
    print("               clock: request sent → answer read")
    return float(np.percentile(mint, 99) * 1000)


async def consoles(house: Alone, pid: int) -> float:
    calls = names()
    await open_calls(house.redis_url, calls)
    read = [0] * CONSOLES
    async with signed_in(house.base, SUE, connections=100) as client, asyncio.TaskGroup() as group:

        async def watch(number: int) -> None:
            async with client.stream("GET", "/api/events", timeout=None) as stream:
                async for part in stream.aiter_bytes():
                    read[number] += len(part)

        watching = [group.create_task(watch(number)) for number in range(CONSOLES)]
        while not all(read):
            await asyncio.sleep(0.1)
        await talk(house.redis_url, calls, 3.0)
        process = psutil.Process(pid)
        before, began, sum_before = process.cpu_times(), time.monotonic(), sum(read)
        rate = await talk(house.redis_url, calls, WATCHED_S)
        after, took = process.cpu_times(), time.monotonic() - began
        for task in watching:
            task.cancel()
    spent = after.user + after.system - before.user - before.system
    kilobytes = (sum(read) - sum_before) / took / CONSOLES / 1000
    print(
        f"{CONSOLES} consoles    {spent / took:.2f} of a core at {rate:.0f} events/s,"
        f" {took:.0f} s, {len(calls)} calls, {kilobytes:.0f} kB/s each,"
        f" {process.memory_info().rss / 1e6:.0f} MB"
        f" (must < {MUST_CORE:g})"
    )
    return float(spent / took)


async def measure(house: Alone) -> int:
    slowest = await tokens(house.base)
    core = await consoles(house, house.pid)
    return 0 if slowest < MUST_TOKEN_MS and core < MUST_CORE else 1


def main() -> int:
    print(f"Gateway, {processor()}, load {os.getloadavg()[0]:.1f}; {EVENTS_PER_SECOND} events/s")
    with gateway_alone() as house:
        return uvloop.run(measure(house))


if __name__ == "__main__":
    sys.exit(main())
