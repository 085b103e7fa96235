from __future__ import annotations

import asyncio
import time

from sip.bridge.media.clock import TICK_SECONDS, Clock


async def test_ticks_that_are_caught_up_let_packets_in_between() -> None:
    """A process that stood still finds several packets of each phone, which are read one at a time:
    were the ticks made up for at a stretch, all but the first would come too late."""
    clock = Clock()
    happened: list[str] = []
    stood_still = asyncio.Event()

    def tick() -> None:
        happened.append("tick")
        if len(happened) == 1:
            time.sleep(4 * TICK_SECONDS)
            stood_still.set()

    async def packets() -> None:
        await stood_still.wait()
        while len(happened) < 8:
            happened.append("packet")
            await asyncio.sleep(0)

    clock.add("call", tick)
    await packets()
    await clock.aclose()

    assert happened[0] == "tick"
    assert "tick tick" not in " ".join(happened)
    assert happened.count("tick") >= 3
