"""The engine agrees with a second one that was written to be obviously right."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dialplans.analysis.walk import walk
from dialplans.engine.compiled import CompiledPlan
from dialplans.language.load import load_text
from dialplans.telephony.call import CallContext
from tests.dialplans.random_calls import some_call, some_events, some_moment
from tests.dialplans.slow_model import SlowModel

TEXT = (Path(__file__).parents[1] / "rich.yaml").read_text()
CALLS = 10_000


@pytest.mark.parametrize("seed", range(10))
def test_two_engines_agree_on_random_calls_across_both_clock_changes(seed: int) -> None:
    """Ten thousand calls in all, most of them within a day and a half of a clock change or within
    a minute of an edge, each with a few happenings: the same places in the same order."""
    plan = load_text(TEXT, others={"p.md": "You answer."}).plan
    assert plan is not None
    ready, slow = CompiledPlan(plan), SlowModel(TEXT)
    rng = random.Random(seed)
    seen = set()

    for _ in range(CALLS // 10):
        call, now = some_call(rng), some_moment(rng)
        events = some_events(rng)
        expected = slow.path(call, now, events)
        context = CallContext(call["to"], call["from"], call["id"], headers=call["headers"])

        assert tuple(expected) == walk(ready, context, now, events=events).path, (call, now, events)
        seen |= set(expected)

    assert {"queue last", "person duty", "callback support", "hang_up", "say"} <= seen
    assert {"persona anna", "persona bert", "persona night", "reject 603", "reject 404"} <= seen
