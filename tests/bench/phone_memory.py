"""What one more call costs in memory: ours, and stock beside it.

Calls are connected one after the other, are greeted, and stand in silence; each time everything is
calm again, the next warm job process included. The sum over all processes, of both sides and of the
servers between, is taken as proportional set size; its slope over the number of calls is the
figure.
"""

from __future__ import annotations

import asyncio
import sys

import numpy as np

from sip.phone.call import PhoneCall
from tests.bench._figures import Bound, count, head, load, show_value
from tests.bench._machine import memory_mb, tree
from tests.bench._sides import Side, both_sides, warmed
from tests.stack.caller import Telephone, telephone

CALLS = count("CALLS", 4)
OURS = Bound(must=60, aim=35, of="", unit="MB a call")
STOCK = Bound(of="", unit="MB a call")


async def growth(side: Side, phones: Telephone, roots: tuple[int, ...]) -> tuple[list[float], int]:
    """Megabytes with none, one, two … calls, and how many of them still stood at the end."""
    calls: list[PhoneCall] = []
    sums = []
    try:
        await side.calm()
        sums.append(memory_mb(tree(*roots)))
        for number in range(1, CALLS + 1):
            calls.append(await side.reach(phones))
            await side.calm(calls=number)
            sums.append(memory_mb(tree(*roots)))
            print(f"  {side.name:<6} {number} calls: {sums[-1]:.0f} MB", flush=True)
        standing = sum(call.open for call in calls)
    finally:
        for call in calls:
            await call.hang_up()
    return sums, standing


async def measure(ours: Side, stock: Side) -> bool:
    slopes: dict[str, float] = {}
    whole = True
    async with telephone(ours.stack) as phones:
        await warmed(phones, ours, stock)
        for side in (ours, stock):
            sums, standing = await growth(side, phones, stock.roots)
            slopes[side.name] = float(np.polyfit(range(len(sums)), sums, 1)[0])
            if standing != CALLS:
                print(f"  {side.name}: only {standing} of {CALLS} calls still stood")
                whole = False
    show_value("memory per extra call, stock", slopes["stock"], STOCK)
    more = f"; {slopes['ours'] / slopes['stock']:.2f} × stock; load {load()}"
    return show_value("memory per extra call, ours", slopes["ours"], OURS, more=more) and whole


def main() -> int:
    head("What one more call costs in memory, in megabytes of 10⁶ bytes, 0 to " + str(CALLS))
    with both_sides({"SWITCHBOARD_SILENCE_AFTER": "60"}) as (ours, stock):
        return 0 if asyncio.run(measure(ours, stock)) else 1


if __name__ == "__main__":
    sys.exit(main())
