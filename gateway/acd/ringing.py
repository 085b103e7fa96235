"""A call rings at one desk: it begins, is declined, rings out, or is over before anybody came."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import msgspec
import structlog

from dialplans.contracts import events as ev
from dialplans.contracts.words import Source
from gateway.acd.seat_store import SeatStore
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.live.seat import Offer, Seat, SeatState
from gateway.records.call import Call

log = structlog.get_logger(__name__)


class Ringing:
    """All but `decline` expect that the caller holds the desk's turn."""

    def __init__(self, seat_store: SeatStore, journal: ev.Journal, ring_for: timedelta) -> None:
        self._seat_store = seat_store
        self._journal = journal
        self._for = ring_for

    async def begin(self, seat: Seat, row: Call, now: datetime, *, frm: str = "") -> None:
        """The turn is held."""
        wanted = row.wanted
        offer = Offer(
            id=secrets.token_hex(8),
            call=row.id,
            to=seat.name,
            at=now,
            expires_at=now + self._for,
            summary=wanted.summary if wanted else "",
            reason=wanted.reason if wanted else "",
            skills=wanted.skills if wanted else [],
            language=wanted.language if wanted else row.language,
            caller=row.caller,
            called=row.called,
            priority=wanted.priority if wanted else 0,
            frm=frm,
        )
        ringing = msgspec.structs.replace(seat, state=SeatState.RINGING, since=now, call=row.id)
        await self._seat_store.put_seat(ringing)
        await self._seat_store.ring(offer)
        await self._journal.append(
            ev.Offered(call=row.id, source=Source.GATEWAY, to=seat.name, answer="ringing")
        )
        log.info("desk.rings", call=row.id, at=seat.name)

    async def decline(self, offer_id: str, me: Principal, answer: str = "declined") -> None:
        async with self._seat_store.turn():
            offer = (await self._seat_store.offers()).get(offer_id)
            if offer is None or offer.to != me.name:
                raise Problem("not_found", "This call no longer rings for you.")
            await self.stop(offer, answer)

    async def stop(self, offer: Offer, answer: str) -> None:
        """The turn is held. Who let it ring out is not ready any more; who declined still is."""
        await self._seat_store.stop_ringing(offer, answer)
        await self._seat_store.pass_over(offer.call, offer.to)
        seat = await self._seat_store.seat(offer.to)
        if seat is not None and seat.state == SeatState.RINGING:
            missed = answer == "timeout"
            await self._seat_store.put_seat(
                msgspec.structs.replace(
                    seat,
                    state=SeatState.NOT_READY if missed else SeatState.READY,
                    reason="missed a call" if missed else seat.reason,
                    since=datetime.now(UTC),
                    call=None,
                )
            )
        if answer != "over":
            await self._journal.append(
                ev.Offered(call=offer.call, source=Source.GATEWAY, to=offer.to, answer=answer)
            )

    async def stop_for_call(self, call: str) -> None:
        for offer in (await self._seat_store.offers()).values():
            if offer.call == call:
                await self.stop(offer, "over")

    async def stop_at(self, name: str, answer: str) -> None:
        for offer in (await self._seat_store.offers()).values():
            if offer.to == name:
                await self.stop(offer, answer)
