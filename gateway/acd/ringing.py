"""A call rings at one desk: it begins, is declined, rings out, or is over before anybody came."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec
import structlog

from dialplans.contracts import events as ev
from dialplans.contracts.words import Source
from dialplans.process.background import Tasks
from gateway.access.telephones import LEG, Ring, TelephoneLegs
from gateway.acd.seat_store import SeatStore
from gateway.acd.seat_telephones import SeatTelephones
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.live.seat import Line, Offer, Seat, SeatState
from gateway.records.call import Call

log = structlog.get_logger(__name__)

MISSED = "missed a call"
"""Why whoever let a call ring out is not ready."""

_LATE_S = 5.0
"""So much longer a telephone would ring by itself, if nobody here lived to stop it."""


class Ringing:
    """All but `decline` expect that the caller holds the desk's turn."""

    def __init__(
        self,
        seat_store: SeatStore,
        journal: ev.Journal,
        *,
        telephones: SeatTelephones,
        legs: TelephoneLegs,
    ) -> None:
        self._seat_store = seat_store
        self._journal = journal
        self._telephones = telephones
        self._legs = legs
        self._tasks = Tasks()
        self.not_rung: Callable[[Offer], Awaitable[None]] = _nothing
        """Told of a telephone that nobody can ring."""

    async def begin(
        self, seat: Seat, row: Call, now: datetime, *, frm: str = "", by: Line | None = None
    ) -> None:
        """The turn is held. By the seat's line, unless `by` says otherwise."""
        line = by or seat.line
        ringing = msgspec.structs.replace(
            seat, state=SeatState.RINGING, since=now, call=row.id, by=line
        )
        await self._seat_store.put_seat(ringing)
        offer = offered(
            seat, row, line, begins=now, ends=now + await self._telephones.ring_for(row)
        )
        await self._begin(msgspec.structs.replace(offer, frm=frm), seat)

    async def move(self, seat: Seat, row: Call, now: datetime) -> None:
        """The turn is held. The telephone of a desk that has the call in the browser rings, to go
        on with it."""
        ends = now + await self._telephones.ring_for(row)
        offer = offered(seat, row, Line.TELEPHONE, begins=now, ends=ends)
        await self._begin(msgspec.structs.replace(offer, frm=seat.name), seat)

    async def _begin(self, offer: Offer, seat: Seat) -> None:
        await self._seat_store.ring(offer)
        await self._journal.append(
            ev.Offered(call=offer.call, source=Source.GATEWAY, to=seat.name, answer="ringing")
        )
        log.info("desk.rings", call=offer.call, at=seat.name, by=offer.by)
        if offer.leg:
            self._tasks.spawn(self._ring(offer, seat.telephone))

    async def decline(self, offer_id: str, me: Principal, answer: str = "declined") -> None:
        async with self._seat_store.turn():
            offer = (await self._seat_store.offers()).get(offer_id)
            if offer is None or offer.to != me.name:
                raise Problem("not_found", "This call no longer rings for you.")
            await self.stop(offer, answer)

    async def stop(self, offer: Offer, answer: str) -> None:
        """The turn is held. Who let it ring out is not ready any more; who declined still is."""
        await self._seat_store.stop_ringing(offer, answer)
        await self.silence(offer)
        await self._seat_store.pass_over(offer.call, offer.to)
        seat = await self._seat_store.seat(offer.to)
        if seat is not None and seat.state == SeatState.RINGING:
            missed = answer == "timeout"
            await self._seat_store.put_seat(
                msgspec.structs.replace(
                    seat,
                    state=SeatState.NOT_READY if missed else SeatState.READY,
                    reason=MISSED if missed else seat.reason,
                    since=datetime.now(UTC),
                    call=None,
                    by="",
                )
            )
        if answer != "over":
            await self._journal.append(
                ev.Offered(call=offer.call, source=Source.GATEWAY, to=offer.to, answer=answer)
            )

    async def elsewhere(self, offer: Offer, row: Call, now: datetime) -> None:
        """The telephone cannot be rung after all: it rings in the console, where there is one."""
        seat = await self._seat_store.seat(offer.to)
        if seat is None or not await self._seat_store.is_present(offer.to):
            await self.stop(offer, "timeout")
            return
        await self._seat_store.stop_ringing(offer, "withdrawn")
        await self.silence(offer)
        seat = await self._telephones.known(seat)
        await self.begin(seat, row, now, frm=offer.frm, by=Line.BROWSER)

    async def silence(self, offer: Offer) -> None:
        """The telephone that rings by this offer does so no more, if one does."""
        if offer.leg:
            await self._legs.stop(offer.call, offer.leg)

    async def stop_for_call(self, call: str) -> None:
        for offer in (await self._seat_store.offers()).values():
            if offer.call == call:
                await self.stop(offer, "over")

    async def stop_at(self, name: str, answer: str) -> None:
        for offer in (await self._seat_store.offers()).values():
            if offer.to == name:
                await self.stop(offer, answer)

    async def _ring(self, offer: Offer, telephone: str) -> None:
        """One that was stopped before it had begun would ring for nobody."""
        seconds = (offer.expires_at - offer.at).total_seconds() + _LATE_S
        ring = Ring(
            call=offer.call,
            leg=offer.leg,
            who=offer.to,
            telephone=telephone,
            caller=offer.caller,
            seconds=seconds,
        )
        try:
            await self._legs.ring(ring)
        except Problem as problem:
            log.warning("desk.telephone_not_rung", call=offer.call, why=problem.detail)
            await self.not_rung(offer)
            return
        if offer.id in await self._seat_store.offers():
            return
        if (await self._seat_store.identities(offer.call)).get("talk") != offer.leg:
            await self._legs.stop(offer.call, offer.leg)


async def _nothing(_: Offer) -> None:
    pass


def offered(seat: Seat, row: Call, line: Line, *, begins: datetime, ends: datetime) -> Offer:
    wanted = row.wanted
    return Offer(
        id=secrets.token_hex(8),
        call=row.id,
        to=seat.name,
        at=begins,
        expires_at=ends,
        summary=wanted.summary if wanted else "",
        reason=wanted.reason if wanted else "",
        skills=wanted.skills if wanted else [],
        language=wanted.language if wanted else row.language,
        caller=row.caller,
        called=row.called,
        priority=wanted.priority if wanted else 0,
        by=line,
        leg=f"{LEG}{secrets.token_hex(8)}" if line == Line.TELEPHONE else "",
    )
