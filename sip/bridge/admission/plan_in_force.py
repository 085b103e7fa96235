"""The current dialplan, kept in memory so that no call waits for Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialplans.engine.compiled import CompiledPlan
from dialplans.language.leg_capabilities import EMBEDDED, IN_FORCE, SAID_FOR_S, Leg
from dialplans.model import Dialplan
from dialplans.process.background import end
from dialplans.revisions.store import PlanStore
from sip.bridge.transport.peers import TrunkAddresses

log = structlog.get_logger()

LOOK_SECONDS = 1.0


def addresses_of(plan: Dialplan) -> TrunkAddresses:
    """Who may send calls by address. A trunk that brings no numbers takes no calls, whatever its
    password is; where the server of an account is, its registration says. Our own telephones prove
    themselves like trunks."""
    taking = {number.trunk for number in plan.numbers.values()}
    trunks = (
        trunk.allow
        for name, trunk in plan.trunks.items()
        if trunk.allow or (name in taking and trunk.account is None)
    )
    return TrunkAddresses.of([*trunks, *(each.allow for each in plan.telephones.values())])


def outbound_of(plan: Dialplan) -> dict[str, tuple[str, str]]:
    """Where each trunk's calls go, with the transport they go by. What only a trunk's secret
    credentials name is not known here."""
    return {
        name: (trunk.outbound.address, "" if trunk.transport == "auto" else trunk.transport)
        for name, trunk in plan.trunks.items()
        if trunk.outbound is not None
    }


class StoredPlans:
    """Follows what is stored, and says meanwhile what this leg cannot do: see
    `dialplans.language.leg_capabilities`.

    `current` is the plan that new calls are judged by, None as long as none was ever stored.

    With Redis away, or a revision that this release cannot read, the last good plan stays.
    """

    def __init__(self, redis: Redis, leg: Leg = EMBEDDED) -> None:
        self._redis = redis
        self._leg = leg
        self._store = PlanStore(redis)
        self._task: asyncio.Task[None] | None = None
        self.on_change: Callable[[Dialplan], None] = lambda plan: None
        self.current: CompiledPlan | None = None
        self.addresses: TrunkAddresses | None = None

    async def start(self) -> None:
        await self._look()
        self._task = asyncio.create_task(self._follow())

    async def aclose(self) -> None:
        await end(self._task)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        try:
            await self._redis.set(IN_FORCE, msgspec.json.encode(self._leg), ex=SAID_FOR_S)
            loaded = await self._store.current()
        except (RedisError, OSError, ValueError) as error:
            log.debug("plan.not_read", error=str(error))
            return
        before = self.current.plan if self.current is not None else None
        if loaded is not None and loaded.plan is not None and loaded.plan is not before:
            self.current = CompiledPlan(loaded.plan, loaded.revision)
            self.addresses = addresses_of(loaded.plan)
            log.info("plan.in_force", revision=loaded.revision)
            self.on_change(loaded.plan)
