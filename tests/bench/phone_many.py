"""How many callers can talk at once before they have to wait: ours and stock on one machine.

All callers of a level are connected and greeted first, one after the other, and the next job
processes are warm; then everybody asks, listens, thinks for a moment and asks again. A level is
passed if 95 of 100 replies begin within 1.5 seconds and none is missing. The phones run on the same
processors.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator

from sip.phone.call import HungUpError, PhoneCall, RefusedError
from tests.bench._figures import count, head, load, share, spread
from tests.bench._sides import MODEL, Side, both_sides, warmed
from tests.bench._talk import QUESTIONS, Utterance, ask, in_turn, lets_finish, rendered
from tests.stack.caller import Telephone, telephone

LEVELS = (1, 2, 3, 4, 6, 8)
MOST = count("MOST", LEVELS[-1])
TURNS = count("TURNS", 24)
A_CALLER = 6
"""Turns of a level, and of one caller at least."""
BOUND_MS = 1500.0
THINKS_S = (0.3, 2.0)
MUST, AIM = 2.0, 4


async def talks(
    call: PhoneCall, questions: Iterator[Utterance], turns: int, chance: random.Random
) -> list[float | None]:
    found: list[float | None] = []
    for _ in range(turns):
        await asyncio.sleep(chance.uniform(*THINKS_S))
        try:
            found.append(await ask(call, next(questions)))
            await lets_finish(call)
        except (HungUpError, TimeoutError):
            found.append(None)
    return found


async def passes(side: Side, phones: Telephone, said: list[Utterance], level: int) -> bool:
    """Whether so many can talk at once."""
    chance = random.Random(level)
    calls: list[PhoneCall] = []
    try:
        for number in range(level):
            calls.append(await side.reach(phones))
            await side.calm(calls=number + 1)
        turns = max(A_CALLER, -(-TURNS // level))
        talking = (talks(c, in_turn(said, n), turns, chance) for n, c in enumerate(calls))
        gaps = [gap for caller in await asyncio.gather(*talking) for gap in caller]
    except (RefusedError, RuntimeError) as error:
        print(f"  {side.name:<6} {level} at once: {error!r}", flush=True)
        return False
    finally:
        for call in calls:
            await call.hang_up()
    replies = [gap for gap in gaps if gap is not None]
    lost = len(gaps) - len(replies)
    good = not lost and share(replies) <= BOUND_MS
    missing = f", {lost} without a reply" if lost else ""
    verdict = "passed" if good else "FAILED"
    print(f"  {side.name:<6} {level} at once: {spread(replies)}{missing}: {verdict}; load {load()}")
    sys.stdout.flush()
    return good


async def most(side: Side, phones: Telephone, said: list[Utterance]) -> int:
    """The highest level passed before the first that was not."""
    reached = 0
    for level in (one for one in LEVELS if one <= MOST):
        await side.calm()
        if not await passes(side, phones, said, level):
            break
        reached = level
    return reached


async def measure(ours: Side, stock: Side) -> bool:
    async with telephone(ours.stack) as phones:
        said = await rendered(ours.stack, QUESTIONS)
        await warmed(phones, ours, stock)
        theirs = await most(stock, phones, said)
        await stock.calm()
        mine = await most(ours, phones, said)
    met = mine >= MUST * theirs and mine > 0
    verdict = "aim met" if met and mine >= AIM else "met" if met else "MISSED"
    print(
        f"talking calls with p95 ≤ {BOUND_MS / 1000:g} s   ours {mine}, stock {theirs}"
        f" ({verdict}; must ≥ {MUST:g} × stock's, aim {AIM})"
    )
    return met


def main() -> int:
    head(
        f"How many can talk at once, Whisper {MODEL} in both; levels up to {MOST}",
        "the last loud sample leaves a phone's queue → beginning of the first loud 10 ms heard",
    )
    # Standing silently while the others are connected is not what is measured.
    with both_sides({"SWITCHBOARD_SILENCE_AFTER": "60"}) as (ours, stock):
        return 0 if asyncio.run(measure(ours, stock)) else 1


if __name__ == "__main__":
    sys.exit(main())
