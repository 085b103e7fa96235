"""How long a decision takes on 1,000 rules and 200 numbers. The clock runs around `route` only;
the rules were compiled by the first call of each number, as in a worker that has been up."""

from __future__ import annotations

import gc
import random
import sys
import time
from datetime import UTC, datetime, timedelta

from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.route import route, trace
from dialplans.language.load import load_text
from dialplans.telephony.call import CallContext
from tests.bench.dialplan_large import RULES, large_plan, numbers, show, some_caller

CALLS = 20_000


def built(routes: int) -> CompiledPlan:
    loaded = load_text(large_plan(routes), others={"p.md": "You answer."})
    assert loaded.plan is not None, loaded.report()
    assert sum(map(len, loaded.plan.routes.values())) == RULES
    return CompiledPlan(loaded.plan, loaded.revision)


def measured(plan: CompiledPlan, *, with_trace: bool) -> list[float]:
    rng = random.Random(1)
    for number in numbers():
        route(plan, CallContext(number), datetime(2026, 1, 1, tzinfo=UTC))
    taken = []
    gc.collect()
    for _ in range(CALLS):
        headers = {"X-Campaign": f"c{rng.randint(0, 1000)}-a"} if rng.random() < 0.2 else {}
        call = CallContext(rng.choice(numbers()), some_caller(rng), "call-1", headers=headers)
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randint(0, 525_600))
        began = time.perf_counter()
        decision = route(plan, call, now)
        if with_trace:
            assert trace(plan, call, decision)
        taken.append(time.perf_counter() - began)
    return taken


def main() -> int:
    even, worst = built(50), built(1)
    good = [
        show("decision, 50 routes of 20 rules", measured(even, with_trace=False), 0.001),
        show("decision and its trace in words, 50 × 20", measured(even, with_trace=True), 0.001),
        show("decision, one route of 1,000 rules", measured(worst, with_trace=False), 0.001),
    ]
    show("(no bound) and the trace of 1,000 rules in words", measured(worst, with_trace=True), 1)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
