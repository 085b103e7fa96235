"""A call that is recorded, and one that its caller does not want recorded."""

from __future__ import annotations

import asyncio

import av
import numpy as np
import pytest

from dialplans.contracts.events import Ended, Recorded
from tests.stack.caller import BILLING, telephone
from tests.stack.running import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]


async def test_both_sides_are_in_the_file_after_it_was_said(stack: Stack) -> None:
    """Billing announces it; the file has the caller left and us right, and the record says where it
    is and until when."""
    async with telephone(stack) as phones:
        caller = await phones.reach(BILLING)
        await caller.catches("recorded", "this is billing")
        await caller.say("What are your opening hours, please?")
        await asyncio.sleep(3)
        await caller.hangs_up()
        await caller.records.wait(Ended, source="agent")
        kept = await caller.records.wait(Recorded)

    caller_side, ours = sides(str(stack.layout.home / kept.file))
    assert kept.until is not None
    assert kept.seconds > 5
    assert np.abs(caller_side).max() > 1000
    assert np.abs(ours).max() > 1000


async def test_a_caller_who_objects_is_not_recorded(stack: Stack) -> None:
    """By the hash key; nothing of it is left on the disk."""
    async with telephone(stack) as phones:
        caller = await phones.reach(BILLING)
        await caller.catches("recorded", "this is billing")
        await caller.keys("#")
        await caller.catches("not recorded")
        await caller.hangs_up()
        await caller.records.wait(Ended, source="agent")
        record = caller.records

    assert record.of(Recorded) == []
    assert not list((stack.layout.home / "recordings").rglob(f"*{record.call}*"))


def sides(file: str) -> tuple[np.ndarray, np.ndarray]:
    with av.open(file) as container:
        both = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
    return both[0] * 32767, both[1] * 32767
