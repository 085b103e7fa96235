"""The plan's limits over all legs on one Redis: what each counts by itself is not enough there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.contracts.causes import RefusalReason
from dialplans.engine.admit import admit
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import Refusal
from dialplans.engine.limits.shared_call_counts import AGAIN_S, CallCounts
from dialplans.model import Dialplan
from dialplans.process.background import Tasks, end
from dialplans.telephony.call import CallContext

log = structlog.get_logger()

PATIENCE_S = 1.0
"""A Redis that takes longer is as good as away: a call is not kept waiting to be counted."""
LIMITS = frozenset(
    (RefusalReason.LIMIT_CONCURRENT, RefusalReason.LIMIT_NUMBER, RefusalReason.LIMIT_CALLER)
)


def has_limits(plan: Dialplan) -> bool:
    limits = plan.limits
    any_number = any(number.concurrent is not None for number in plan.numbers.values())
    mine = (limits.concurrent, limits.per_number, limits.per_caller)
    return any_number or any(limit is not None for limit in mine)


class SharedLimits:
    """With Redis away each leg holds to the limits by itself. What is counted lapses if nobody says
    that it still counts: a leg that was killed gives its places back in half a minute, and one that
    is started again goes on counting what it finds."""

    def __init__(self, redis: Redis) -> None:
        self._counts = CallCounts(redis)
        self._up: dict[str, CallContext] = {}
        self._tasks = Tasks()
        self._again: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._again = asyncio.create_task(self._stay())

    async def aclose(self) -> None:
        await end(self._again)
        await self._tasks.finish()
        await self._tasks.aclose()

    async def refusal(self, ready: CompiledPlan, call: CallContext) -> Refusal | None:
        """None if the call may come in: it counts from now on, until `ended`. Of two calls that
        come together at two legs, the second sees the first."""
        if not has_limits(ready.plan):
            return None
        self._up[call.call_id] = call
        try:
            async with asyncio.timeout(PATIENCE_S):
                load = await self._counts.enter(call, ready.plan.limits.per_caller)
        except (RedisError, OSError) as error:
            log.warning("limits.not_shared", error=repr(error))
            return None
        found = admit(ready, call, load)
        return found if found is not None and found.reason in LIMITS else None

    def asked(self, plan: Dialplan, call: CallContext) -> None:
        """An attempt that was refused before it was counted."""
        often = plan.limits.per_caller
        if often is not None:
            self._tasks.spawn(_quietly(self._counts.attempt(call, often)))

    def resumed(self, call: CallContext) -> None:
        """An earlier process has counted it."""
        self._up[call.call_id] = call

    def ended(self, call_id: str) -> None:
        call = self._up.pop(call_id, None)
        if call is not None:
            self._tasks.spawn(_quietly(self._counts.leave(call)))

    async def _stay(self) -> None:
        while True:
            for call in tuple(self._up.values()):
                await _quietly(self._counts.stay(call))
                if call.call_id not in self._up:  # it ended meanwhile
                    await _quietly(self._counts.leave(call))
            await asyncio.sleep(AGAIN_S)


async def _quietly(counting: Awaitable[None]) -> None:
    try:
        await counting
    except (RedisError, OSError) as error:
        log.debug("limits.not_shared", error=repr(error))
