"""From the INVITE to the first word: how long it rings, and how long the line is silent then.

One call after the other; before each, the next job process is warm again. The second figure is the
silence between the 200 OK and the first loud ten milliseconds of the greeting.
"""

from __future__ import annotations

import asyncio
import sys

from sip.phone.call import CLOCKS_S, HungUpError, RefusedError
from tests.bench._figures import Bound, count, head, show
from tests.bench._sides import Side, ours_alone, warmed
from tests.bench._talk import PATIENCE_S
from tests.stack.caller import Telephone, telephone

CALLS = count("CALLS", 30)
SETUP = Bound(must=800, aim=400)
GREETING = Bound(must=250, aim=150)


async def one(side: Side, phones: Telephone) -> tuple[float, float] | None:
    """Milliseconds of ringing and of silence; None for a call that was not answered or greeted."""
    call = await side.dial(phones)
    try:
        await call.answered()
        assert call.answered_at is not None
        greeting = await call.hears_speech(after=call.answered_at - CLOCKS_S, timeout_s=PATIENCE_S)
    except (RefusedError, HungUpError, TimeoutError) as error:
        print(f"  a call failed: {error!r}")
        return None
    finally:
        await call.hang_up()
    return (
        (call.answered_at - call.dialled_at) * 1000,
        (greeting.onset - call.answered_at) * 1000,
    )


async def measure(side: Side) -> bool:
    found: list[tuple[float, float]] = []
    async with telephone(side.stack) as phones:
        await warmed(phones, side)
        for _ in range(CALLS):
            taken = await one(side, phones)
            if taken is not None:
                found.append(taken)
            await side.calm()
    rang = show("INVITE → 200 OK, warm", [ms for ms, _ in found], SETUP, wanted=CALLS)
    silent = show("200 OK → greeting", [ms for _, ms in found], GREETING, wanted=CALLS)
    return rang and silent


def main() -> int:
    head(
        "How soon a call is answered",
        "INVITE is sent → 200 OK is received, both in the phone's SIP stack",
        "200 OK is received → beginning of the first loud 10 ms in what arrives as RTP",
    )
    with ours_alone() as side:
        return 0 if asyncio.run(measure(side)) else 1


if __name__ == "__main__":
    sys.exit(main())
