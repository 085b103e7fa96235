"""Whose telephone is whose, and which can be rung now."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta

import msgspec
from redis.asyncio import Redis

from dialplans.contracts.jobs import TELEPHONE_PLACES
from gateway.identity.people import People
from gateway.identity.principal import Principal
from gateway.live.seat import Seat
from gateway.records.call import Call
from gateway.routing.current import CurrentPlan
from gateway.storage.redis_text import text


class _Place(msgspec.Struct, frozen=True):
    """Of what the leg writes, the only thing that counts here."""

    until: float


class SeatTelephone(msgspec.Struct, frozen=True, kw_only=True):
    """`registered`: it can be rung now. `always`: its person is ready whenever it is, without a
    console."""

    name: str
    registered: bool
    always: bool = False


class SeatTelephones:
    def __init__(
        self, redis: Redis, plan: CurrentPlan, people: People, *, ring_for: timedelta
    ) -> None:
        self._redis = redis
        self._plan = plan
        self._people = people
        self._ring_for = ring_for

    async def by_person(self) -> dict[str, SeatTelephone]:
        """person → telephone, by the plan in force and by what the leg says now."""
        plan = (await self._plan.loaded()).plan
        mine = {} if plan is None else {n: t for n, t in plan.telephones.items() if t.person}
        there = await self._registered() if mine else set()
        return {
            telephone.person: SeatTelephone(
                name=name, registered=name in there, always=telephone.ready == "registered"
            )
            for name, telephone in mine.items()
            if telephone.person is not None
        }

    async def of(self, person: str) -> SeatTelephone | None:
        return (await self.by_person()).get(person)

    async def known(self, seat: Seat) -> Seat:
        """The seat with what is known of its telephone now."""
        return with_telephone(seat, await self.of(seat.name))

    async def at_work(self, names: Iterable[str]) -> dict[str, Principal]:
        """Those of them who need no console to be ready, as their accounts are now."""
        known = await self.by_person()
        return await self._people.working(n for n in names if n in known and known[n].always)

    async def person(self, name: str) -> Principal | None:
        """Whoever answers their telephone; None without an account that may work at a desk."""
        return (await self._people.working([name])).get(name)

    async def ring_for(self, call: Call) -> timedelta:
        """As long as the plan says of the queue in which the call waits; else as it is set up."""
        plan = (await self._plan.loaded()).plan
        queue = plan.queues.get(call.wanted.queue or "") if plan and call.wanted else None
        return queue.ring if queue is not None and queue.ring is not None else self._ring_for

    async def _registered(self) -> set[str]:
        now = time.time()
        found = await self._redis.hgetall(TELEPHONE_PLACES)
        return {text(name) for name, written in found.items() if _good(written, now)}


def with_telephone(seat: Seat, telephone: SeatTelephone | None) -> Seat:
    name, registered = (telephone.name, telephone.registered) if telephone else ("", False)
    if (seat.telephone, seat.registered) == (name, registered):
        return seat
    return msgspec.structs.replace(seat, telephone=name, registered=registered)


def _good(written: bytes | str, now: float) -> bool:
    try:
        places = msgspec.json.decode(written, type=list[_Place])
    except msgspec.MsgspecError:
        return False
    return any(place.until > now for place in places)
