"""Rings waiting calls at desks, one desk at a time each, and tidies up after calls that ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from msgspec import Raw
from redis.exceptions import LockError

from gateway.acd import seat_changes
from gateway.acd.ringing import MISSED
from gateway.acd.seat_telephones import SeatTelephone, with_telephone
from gateway.acd.selection import in_line, longest_idle
from gateway.acd.service import Desk
from gateway.live.feed import Feed
from gateway.live.live_state import Gone
from gateway.live.pubsub import Notice, encode
from gateway.live.seat import FREE, Seat, SeatState
from gateway.records.call import Call
from gateway.settings import Settings

log = structlog.get_logger(__name__)

_EVERY_S = 0.5
_ASKED_AGAIN = timedelta(seconds=30)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Dispatcher:
    """Every gateway runs one; the desk's turn makes them act as one."""

    def __init__(self, desk: Desk, feed: Feed, settings: Settings) -> None:
        self._desk = desk
        self._seat_store = desk.seat_store
        self._feed = feed
        self._wrap_up = timedelta(seconds=settings.wrap_up_s)
        self._differed: set[str] = set()
        self._unknown: dict[str, datetime] = {}
        """Whose telephones are theirs by the plan, and who had no account to work with, when."""

    async def load(self) -> None:
        """The live state's seats and offers, as the other gateways know them."""
        self._feed.live_state.seats.update(await self._seat_store.seats())
        self._feed.live_state.offers.update(await self._seat_store.offers())

    async def run(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self._seat_store.be_present(self._feed.present())
                await self._look_again()
                async with self._seat_store.turn(wait_s=0.2):
                    await self.once(datetime.now(UTC))
            except LockError:
                continue  # the other gateway is at it
            except Exception as error:
                log.warning("desk.round_failed", error=type(error).__name__)

    async def _look_again(self) -> None:
        """What was lost (by a break in the line to Redis) must not leave a desk silent that
        rings, or ringing for ever: what differs from the store in two looks is told again."""
        offers, known = await self._seat_store.offers(), self._feed.live_state.offers
        differ = offers.keys() ^ known.keys()
        for name in differ & self._differed:
            if name in offers:
                offer = offers[name]
                await self._feed.apply(Notice("offer", Raw(encode(offer)), to=offer.to))
            else:
                offer = known[name]
                gone = Gone(offer.id, offer.call, "over")
                await self._feed.apply(Notice("offer_gone", Raw(encode(gone)), to=offer.to))
        self._differed = differ

    async def once(self, now: datetime) -> None:
        """One round; the turn is held."""
        calls = self._feed.live_state.live
        for offer in (await self._seat_store.offers()).values():
            call = calls.get(offer.call)
            if call is None or not (offer.frm or call.wanted is not None):
                await self._desk.ringing.stop(offer, "over")
            elif offer.expires_at <= now:
                await self._desk.ringing.stop(offer, "timeout")
        telephones = await self._desk.telephones.by_person()
        seats = await self._seat_store.seats()
        for known in seats.values():
            telephone = telephones.get(known.name)
            seat = with_telephone(known, telephone)
            if seat is not known:
                await self._seat_store.put_seat(seat)
            await self._tidy(seat, calls.get(seat.call or ""), now, telephone)
        await self._open(seats, telephones, now)
        await self._offer(now)

    async def _open(
        self, seats: Mapping[str, Seat], telephones: Mapping[str, SeatTelephone], now: datetime
    ) -> None:
        """The seats of those who need no more than their telephone to be ready."""
        closed = {
            name
            for name, telephone in telephones.items()
            if telephone.always and telephone.registered
            if name not in seats or _closed(seats[name])
            if now - self._unknown.get(name, _LONG_AGO) > _ASKED_AGAIN
        }
        if not closed:
            return
        working = await self._desk.telephones.at_work(closed)
        for name in closed - working.keys():
            log.warning("desk.telephone_of_nobody", who=name, telephone=telephones[name].name)
            self._unknown[name] = now
        for name, who in working.items():
            seat = seat_changes.chosen(who, seats.get(name), SeatState.READY, "", now)
            await self._seat_store.put_seat(with_telephone(seat, telephones[name]))

    async def _tidy(
        self, seat: Seat, call: Call | None, now: datetime, telephone: SeatTelephone | None
    ) -> None:
        age = now - seat.since
        if seat.state == SeatState.BUSY and call is None and age > timedelta(seconds=2):
            await self._desk.call_over(seat)
        elif seat.state == SeatState.WRAP_UP and age >= self._wrap_up:
            ready = msgspec.structs.replace(seat, state=SeatState.READY, since=now)
            await self._seat_store.put_seat(ready)
        elif seat.state in FREE and not await self._seat_store.is_present(seat.name):
            await self._without_console(seat, now, telephone)
        elif seat.state == SeatState.OFFLINE and seat.call is not None and call is None:
            await self._seat_store.put_seat(msgspec.structs.replace(seat, call=None))

    async def _without_console(
        self, seat: Seat, now: datetime, telephone: SeatTelephone | None
    ) -> None:
        """Nobody could say that they are ready again after a call that they missed."""
        if telephone is None or not (telephone.always and telephone.registered):
            away = msgspec.structs.replace(
                seat, state=SeatState.OFFLINE, since=now, idle_since=None
            )
            await self._seat_store.put_seat(away)
        elif seat.reason == MISSED and now - seat.since >= self._wrap_up:
            ready = msgspec.structs.replace(seat, state=SeatState.READY, reason="", since=now)
            await self._seat_store.put_seat(ready)

    async def _offer(self, now: datetime) -> None:
        """A call that was taken a moment ago may wait still, by the live state: the seats know."""
        ringing = {offer.call for offer in (await self._seat_store.offers()).values()}
        for call in in_line(self._feed.live_state.live.values()):
            seats = await self._seat_store.seats()
            if call.id in ringing or any(seat.call == call.id for seat in seats.values()):
                continue
            passed = await self._seat_store.passed_over(call.id)
            seat = longest_idle(seats, call, _not_in(passed))
            if seat is not None:
                await self._desk.ringing.begin(seat, call, now)


def _closed(seat: Seat) -> bool:
    return seat.state == SeatState.OFFLINE and seat.call is None


def _not_in(names: set[str]) -> Callable[[Seat], bool]:
    return lambda seat: seat.name not in names
