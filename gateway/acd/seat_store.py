"""Seats and ringing offers in Redis, and every change told to all consoles."""

from __future__ import annotations

import msgspec
from redis.asyncio import Redis
from redis.asyncio.lock import Lock

from dialplans.contracts import jobs
from gateway.live.live_state import Gone
from gateway.live.pubsub import Publisher
from gateway.live.seat import Offer, Seat, spoken
from gateway.storage.redis_text import text

SEATS = "switchboard:seats"
OFFERS = "switchboard:offers"

_PRESENT = frozenset(jobs.PresenceState)
_DECLINED_S = 120


class SeatStore:
    def __init__(self, redis: Redis, publisher: Publisher) -> None:
        self._redis = redis
        self._publisher = publisher

    def turn(self, wait_s: float = 5.0) -> Lock:
        """Whoever changes seats or offers holds this: one desk, whatever the number of gateways."""
        return self._redis.lock("switchboard:desk-turn", timeout=30, blocking_timeout=wait_s)

    async def seats(self) -> dict[str, Seat]:
        found = await self._redis.hgetall(SEATS)
        return {text(k): msgspec.json.decode(v, type=Seat) for k, v in found.items()}

    async def seat(self, name: str) -> Seat | None:
        raw = await self._redis.hget(SEATS, name)
        return msgspec.json.decode(raw, type=Seat) if raw else None

    async def put_seat(self, seat: Seat) -> None:
        """Jobs look at presence to know whether anybody could answer a queue, and whether it rings
        for their call."""
        await self._redis.hset(SEATS, seat.name, msgspec.json.encode(seat))
        if seat.state not in _PRESENT:
            await self._redis.hdel(jobs.PRESENCE, seat.name)
        else:
            presence = jobs.Presence(
                who=seat.name,
                state=seat.state,
                call=seat.call or "",
                skills=seat.skills,
                languages=spoken(seat.skills),
            )
            await self._redis.hset(jobs.PRESENCE, seat.name, msgspec.json.encode(presence))
        await self._publisher.notice("desk", seat)

    async def offers(self) -> dict[str, Offer]:
        found = await self._redis.hgetall(OFFERS)
        return {text(k): msgspec.json.decode(v, type=Offer) for k, v in found.items()}

    async def ring(self, offer: Offer) -> None:
        await self._redis.hset(OFFERS, offer.id, msgspec.json.encode(offer))
        await self._publisher.notice("offer", offer, to=offer.to)

    async def stop_ringing(self, offer: Offer, why: str) -> None:
        await self._redis.hdel(OFFERS, offer.id)
        await self._publisher.notice("offer_gone", Gone(offer.id, offer.call, why), to=offer.to)

    async def pass_over(self, call: str, name: str) -> None:
        """Somebody who declined, or did not answer, is not rung again for this call for a while."""
        key = f"switchboard:declined:{call}"
        await self._redis.sadd(key, name)
        await self._redis.expire(key, _DECLINED_S)

    async def passed_over(self, call: str) -> set[str]:
        found = await self._redis.smembers(f"switchboard:declined:{call}")
        return {text(name) for name in found}

    async def be_present(self, names: set[str]) -> None:
        """These people have a console open now."""
        for name in names:
            await self._redis.set(f"switchboard:present:{name}", b"1", ex=25)

    async def is_present(self, name: str) -> bool:
        return bool(await self._redis.exists(f"switchboard:present:{name}"))

    async def keep_identities(self, call: str, identities: dict[str, str]) -> None:
        key = f"switchboard:at-desk:{call}"
        await self._redis.delete(key)
        if identities:
            await self._redis.hset(key, mapping=identities)  # type: ignore[arg-type]
            await self._redis.expire(key, jobs.KEPT_S)

    async def identities(self, call: str) -> dict[str, str]:
        found = await self._redis.hgetall(f"switchboard:at-desk:{call}")
        return {text(k): text(v) for k, v in found.items()}
