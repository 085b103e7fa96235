"""What people do with their telephones, as the leg tells it: answer, decline, hang up."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import structlog

from dialplans.contracts import events as ev
from dialplans.contracts.causes import EndCause, EndedBy
from dialplans.process.background import Tasks
from gateway.access.telephones import TelephoneLegs, is_telephone
from gateway.access.tokens import Connection
from gateway.acd.service import Desk
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.live.seat import Line, Offer, Seat, SeatState
from gateway.records.lookup import live_call
from gateway.records.store import Records

log = structlog.get_logger(__name__)

_DECLINED = frozenset({EndCause.DECLINED, EndCause.BUSY})
_MISSED = frozenset({EndCause.NO_ANSWER})
"""Any other end of a telephone that rang means that it could not be rung at all."""


class Switched(msgspec.Struct, frozen=True):
    """A seat that listens elsewhere from now on, and what the browser has to open for that."""

    seat: Seat
    connections: list[Connection] = []


class TelephoneCalls:
    """Any gateway may hear of any telephone: what it does is decided under the desk's turn."""

    def __init__(self, desk: Desk, records: Records, legs: TelephoneLegs) -> None:
        self._desk = desk
        self._records = records
        self._legs = legs
        self._seat_store = desk.seat_store
        self._tasks = Tasks()
        desk.ringing.not_rung = self._not_rung

    def heard(self, event: ev.Event) -> None:
        """An event of a leg; most are no business of a desk's."""
        match event:
            case ev.Answered(leg=str(leg)) if is_telephone(leg):
                self._tasks.spawn(self.answered(event.call, leg))
            case ev.Ended(leg=str(leg)) if is_telephone(leg):
                self._tasks.spawn(self.ended(event, leg))

    async def answered(self, call: str, leg: str) -> None:
        """The call is theirs. A telephone that nobody waits for any more is hung up on."""
        offer = await self._offer(leg)
        me = None if offer is None else await self._desk.telephones.person(offer.to)
        try:
            if offer is None or me is None:
                raise Problem("conflict", "It rings for nobody.")
            if not await self._moved(offer, leg):
                await self._desk.accept(offer.id, me, leg=leg)
        except Problem as problem:
            log.info("desk.telephone_too_late", call=call, why=problem.detail)
            await self._too_late(call, leg)

    async def ended(self, event: ev.Ended, leg: str) -> None:
        """Before the answer it says how it rang; after it, whether the person has hung up."""
        call = event.call
        async with self._seat_store.turn():
            offer = await self._offer(leg)
            if offer is not None:
                await self._not_answered(offer, event.cause)
                return
            who = await self._desk.holder(call)
            if who is None or await self._desk.connections.telephone(call) != leg:
                return
        me = await self._desk.telephones.person(who)
        if event.by == EndedBy.CALLEE and me is not None:
            await self._desk.leave(call, me)
        else:
            await self._desk.give_up(call, who)

    async def listen(self, me: Principal, line: Line) -> Switched:
        """From now on calls come by this line, and the one that they have goes on there: at once in
        the browser, and on the telephone as soon as it is answered."""
        async with self._seat_store.turn():
            seat = await self._seat_store.seat(me.name)
            if seat is None:
                raise Problem("conflict", "Say first whether you are ready.")
            if line == Line.TELEPHONE and not seat.registered:
                raise Problem("conflict", _unreachable(seat))
            after = msgspec.structs.replace(seat, listens=line)
            connections: list[Connection] = []
            if seat.state == SeatState.BUSY and seat.call is not None and seat.by != line:
                if line == Line.BROWSER:
                    connections = await self._desk.connections.by_browser(seat.call, me)
                    after = msgspec.structs.replace(after, by=line)
                else:
                    await self._call_up(after, seat.call)
            await self._seat_store.put_seat(after)
        return Switched(after, connections)

    async def _call_up(self, seat: Seat, call: str) -> None:
        offers = (await self._seat_store.offers()).values()
        if not any((offer.call, offer.to) == (call, seat.name) for offer in offers):
            row = await live_call(self._records, call)
            await self._desk.ringing.move(seat, row, datetime.now(UTC))

    async def _moved(self, offer: Offer, leg: str) -> bool:
        """Whether this telephone was to go on with what its person talks about already."""
        async with self._seat_store.turn():
            seat = await self._seat_store.seat(offer.to)
            if seat is None or seat.state != SeatState.BUSY or seat.call != offer.call:
                return False
            if await self._offer(leg) is None:
                raise Problem("conflict", "It rings for nobody.")
            await self._seat_store.stop_ringing(offer, "taken")
            await self._desk.connections.by_telephone(offer.call, leg)
            await self._seat_store.put_seat(msgspec.structs.replace(seat, by=Line.TELEPHONE))
        log.info("desk.moved", call=offer.call, who=offer.to, to=Line.TELEPHONE)
        return True

    async def _too_late(self, call: str, leg: str) -> None:
        async with self._seat_store.turn():
            if await self._desk.connections.telephone(call) == leg:
                return  # heard of twice: it has the call
            offer = await self._offer(leg)
            if offer is not None:
                await self._desk.ringing.stop(offer, "withdrawn")
        await self._legs.stop(call, leg)

    async def _not_rung(self, offer: Offer) -> None:
        async with self._seat_store.turn():
            if await self._offer(offer.leg) is not None:
                await self._not_answered(offer, EndCause.UNREACHABLE)

    async def _not_answered(self, offer: Offer, cause: str) -> None:
        """The turn is held. A telephone that is away, or broken, rings in the console instead."""
        telephone = await self._desk.telephones.of(offer.to)
        there = telephone is not None and telephone.registered
        seat = await self._seat_store.seat(offer.to)
        if seat is not None and seat.state == SeatState.BUSY:
            await self._stays(offer, seat)
        elif cause in _DECLINED:
            await self._desk.ringing.stop(offer, "declined")
        elif cause in _MISSED and there:
            await self._desk.ringing.stop(offer, "timeout")
        else:
            row = await self._records.call(offer.call)
            if row is None or not row.live:
                await self._desk.ringing.stop(offer, "over")
            else:
                await self._desk.ringing.elsewhere(offer, row, datetime.now(UTC))

    async def _stays(self, offer: Offer, seat: Seat) -> None:
        """Who did not pick up goes on in the browser, and the switch says so."""
        await self._desk.ringing.stop(offer, "declined")
        await self._seat_store.put_seat(msgspec.structs.replace(seat, listens=Line.BROWSER))

    async def _offer(self, leg: str) -> Offer | None:
        offers = (await self._seat_store.offers()).values()
        return next((offer for offer in offers if offer.leg == leg), None)


def _unreachable(seat: Seat) -> str:
    if not seat.telephone:
        return "The plan gives you no telephone."
    return f"Your telephone, {seat.telephone}, is not registered now."
