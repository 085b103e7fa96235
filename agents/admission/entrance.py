"""May this call come in: asked by the job where the leg does not ask the plan.

LiveKit's own leg answers as soon as somebody's sound is in the room, so this comes before the
job's. A refused telephone is removed from its room while it rings: LiveKit makes 486 of that, and
the record has the plan's own code and reason, as it has behind our leg.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from redis.exceptions import RedisError

from agents.plans import PinnedPlan
from dialplans.contracts.causes import RefusalReason
from dialplans.contracts.events import Refused, once
from dialplans.contracts.jobs import NO_TRUNK
from dialplans.contracts.words import Source
from dialplans.engine.admit import Load, admit
from dialplans.engine.decision import Refusal
from dialplans.engine.limits.shared_call_counts import AGAIN_S, CallCounts
from dialplans.process.background import end
from dialplans.telephony.call import CallContext

log = structlog.get_logger(__name__)


class Entrance:
    """Of one call. `most_calls` is the machine's limit, the plan's own are in the plan. With Redis
    away nothing is counted, and everything else still holds."""

    def __init__(
        self, call: CallContext, plan: PinnedPlan, counts: CallCounts, most_calls: int
    ) -> None:
        self._call = call
        self._plan = plan
        self._counts = counts
        self._most_calls = most_calls
        self._counts_us = False
        self._counting: asyncio.Task[None] | None = None

    async def refusal(self) -> Refusal | None:
        """None if the call may come in: it counts from now on, until it has left."""
        load = await self._load()
        refused = admit(self._plan.compiled, self._call, load) or self._full(load)
        if refused is not None:
            await self.leave()
        return refused

    def stay(self) -> None:
        """The call counts for as long as this job lives; one that dies gives its place back."""
        self._counts_us = True
        self._counting = asyncio.create_task(self._count(), name="entrance.count")

    async def leave(self) -> None:
        await end(self._counting)
        if not self._counts_us:
            return
        try:
            await self._counts.leave(self._call)
        except (RedisError, OSError) as error:
            log.warning("entrance.not_left", error=repr(error))

    async def _load(self) -> Load:
        now = datetime.now(UTC)
        self._counts_us = True
        try:
            load = await self._counts.enter(self._call, self._plan.plan.limits.per_caller)
        except (RedisError, OSError) as error:
            log.warning("entrance.not_counted", error=repr(error))
            load = Load()
        return replace(load, now=now)

    def _full(self, load: Load) -> Refusal | None:
        if load.total < self._most_calls:
            return None
        said = f"{load.total} calls are up, and SWITCHBOARD_SIP_MAX_CALLS is {self._most_calls}"
        return Refusal(503, RefusalReason.LIMIT_CONCURRENT, said)

    async def _count(self) -> None:
        while True:
            try:
                await self._counts.stay(self._call)
            except (RedisError, OSError) as error:
                log.warning("entrance.not_counted", error=repr(error))
            await asyncio.sleep(AGAIN_S)


def recorded(call: CallContext, refused: Refusal) -> Refused:
    return Refused(
        call=call.call_id,
        source=Source.AGENT,
        id=once(call.call_id, "refused"),
        code=refused.code,
        reason=refused.reason,
        detail=refused.because,
        called=call.called,
        caller=call.caller,
        forwarded_from=list(call.forwarded_from),
        dialled=list(call.dialled),
        trunk=call.trunk if call.trunk != NO_TRUNK else None,
    )
