"""Two hundred calls of SIPp, a SIP implementation that is not ours, at two a second."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from dialplans.contracts.events import Ended
from tests.sip.bridge.soak.sipp import megabytes, sipp, staffed
from tests.sip.bridge.world import World

pytestmark = [pytest.mark.stack, pytest.mark.soak]

CALLS = 200
RATE = 2
TALK_MS = 2000
WARM = 40
LONGEST_S = 240
GROWTH_MB = 40
"""Between the 40th call and the last; one that leaked its sound buffers alone would be over it."""


@pytest.mark.timeout(600)
async def test_two_hundred_calls_leave_nothing_behind(world: World, tmp_path: Path) -> None:
    """Every call is answered and ended; rooms, ports, tasks, transactions and memory are as they
    were."""
    with world.sibling({"SWITCHBOARD_SIP_RINGING_TIMEOUT": "60"}) as leg:
        tasks = leg.metric("tasks")
        calls = partial(sipp, leg, tmp_path, rate=RATE, talk_ms=TALK_MS, longest_s=LONGEST_S)
        async with staffed(leg):
            warm, output = await calls(WARM)
            assert warm == 0, output
            before = megabytes(leg)
            done, output = await calls(CALLS - WARM)
            await leg.nothing_left()
        grown = megabytes(leg) - before
        tasks_left = leg.metric("tasks") - tasks

    ended = [event for event in await world.events() if isinstance(event, Ended)]
    assert done == 0, output
    assert len(ended) == CALLS
    assert {event.cause for event in ended} == {"caller_hung_up"}
    assert tasks_left <= 1
    assert grown < GROWTH_MB, f"{before:.0f} MB and {grown:.0f} MB more"
    print(f"memory {before:.0f} MB, {grown:+.0f} MB after {CALLS - WARM} more calls")
