"""Event → pixel: how old an event is when Chromium has painted it, on a busy floor.

500 live calls, 100 events a second through Redis, ledger, database and stream into one console.
The clock starts at the event's own time, taken just before it is written to Redis, and stops in
the page in the second animation frame after the arrival, when the frame with it has been painted.
Both clocks are this machine's. Everything (Redis, gateway, Chromium, the writer) shares it.
"""

from __future__ import annotations

import asyncio
import os
import sys

from tests.bench.__main__ import processor
from tests.bench._alone import Alone, gateway_alone
from tests.bench._floor import CALLS, EVENTS_PER_SECOND, names, open_calls, talk
from tests.console.accounts import SUE
from tests.console.browser import chromium, console, holds, sign_in

SECONDS = 30.0
MUST_MS, AIM_MS = 250.0, 100.0


async def measure(house: Alone) -> int:
    calls = names()
    await open_calls(house.redis_url, calls)
    async with chromium() as browser, console(browser, house.base) as page:
        await sign_in(page, SUE)
        await holds(page, "() => document.querySelectorAll('[data-call]').length > 10")
        await talk(house.redis_url, calls, 5.0)
        await page.evaluate("window.switchboard.resetLag()")
        rate = await talk(house.redis_url, calls, SECONDS)
        await asyncio.sleep(1)
        lag = await page.evaluate("window.switchboard.lag()")
        rows = await page.get_attribute("[role=table]", "aria-rowcount")
    print(
        f"event → pixel  n={lag['n']} p50={lag['p50']:.0f} p95={lag['p95']:.0f}"
        f" p99={lag['p99']:.0f} max={lag['max']:.0f} ms;"
        f" {rows} rows, {rate:.0f} events/s sent for {SECONDS:.0f} s"
        f" (must ≤ {MUST_MS:g} p95, aim {AIM_MS:g})"
    )
    return 0 if lag["n"] > 0 and lag["p95"] <= MUST_MS else 1


def main() -> int:
    floor = f"{CALLS} calls at {EVENTS_PER_SECOND} events/s"
    print(f"Console with {floor}, {processor()}, load {os.getloadavg()[0]:.1f}")
    with gateway_alone() as house:
        return asyncio.run(measure(house))


if __name__ == "__main__":
    sys.exit(main())
