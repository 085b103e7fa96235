"""Mutants of real messages meet transactions, dialogs and offers: whatever they do, it is meant.

`python -m tests.bench.hostile` does the same with fifty times as many, on a leg with its servers.
"""

from __future__ import annotations

import asyncio

import pytest

from sip.bridge.signalling.timers import TIMEOUT
from tests.sip.bridge.hostile.answering import answering, pour, sender
from tests.sip.bridge.hostile.makers import ALL, addressed
from tests.sip.bridge.hostile.mutation import mutants
from tests.sip.bridge.hostile.test_amplification import codes, read_off

pytestmark = pytest.mark.virtual_time(alone=True)

MUTANTS = 3_000
DEEP = {"answered", "ack", "bye", "key", "reliable", "offered by INVITE", "refused 488"}
"""What has to have happened, or they were stopped at the door."""


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_mutant_meets_an_error_of_ours(seed: int) -> None:
    async with answering() as leg:
        with sender() as through:
            back: list[bytes] = []
            port = through.getsockname()[1]
            every = mutants(MUTANTS, seed, port=port, calls=leg.calls)
            await pour(leg, every, through, lambda: back.extend(read_off(through)))
        counters = leg.endpoint.counters

    assert leg.problems == []
    assert counters.failed == 0
    assert counters.received > 0.98 * MUTANTS
    assert leg.seen >= DEEP
    assert {200, 400, 401, 405, 415, 481, 488} <= set(codes(back))


async def test_nothing_is_kept_of_those_that_came() -> None:
    """64·T1 after the last of them only the calls are there that were answered and not ended."""
    async with answering() as leg:
        with sender() as through:
            port = through.getsockname()[1]
            await pour(leg, mutants(1000, 3, port=port), through, lambda: list(read_off(through)))
            for dialog in leg.dialogs:
                dialog.close()
            await asyncio.sleep(3 * TIMEOUT)
        left = leg.endpoint.transactions, leg.endpoint.dialogs

    assert left == (0, 0)
    assert leg.problems == []


@pytest.mark.parametrize("name", ALL)
async def test_what_is_changed_is_answered_when_it_is_whole(name: str) -> None:
    """Or else a mutant might be refused for what it was before."""
    async with answering() as leg:
        with sender() as through:
            raw = addressed(ALL[name], 7, through.getsockname()[1], tag="x")
            through.sendto(raw, leg.address)
            await asyncio.sleep(0.2)
            found = codes(read_off(through))

    assert leg.endpoint.counters.malformed == 0
    assert bool(found) == (name not in ("answer", "ack"))
    assert leg.problems == []
