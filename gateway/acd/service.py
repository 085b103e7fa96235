"""A person's work at the desk: say ready, take a call, hold on to it, give it back, wrap up."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import UTC, datetime

import msgspec
import structlog

from dialplans.contracts import events as ev
from dialplans.contracts.actor import Actor, ActorKind
from dialplans.contracts.control import Command, Operation
from dialplans.contracts.endings import hung_up_by_person
from dialplans.contracts.words import Source
from gateway.access.admission import Admission
from gateway.access.livekit import Rooms
from gateway.access.telephones import TelephoneLegs
from gateway.access.tokens import Connection
from gateway.acd import seat_changes
from gateway.acd.claims import Claims
from gateway.acd.connections import DeskConnections
from gateway.acd.ringing import Ringing
from gateway.acd.seat_telephones import SeatTelephones
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.live.seat import AT_WORK, Line, Offer, Seat, SeatState
from gateway.records.call import NOBODY, Call
from gateway.records.lookup import live_call
from gateway.records.store import Records
from gateway.storage.audit import Audit

log = structlog.get_logger(__name__)


class Taken(msgspec.Struct, frozen=True):
    """A call that is mine now, and the connections to it: talk, and side for whispers. None where
    I talk by telephone, which has the call, or rings now to take it."""

    call: Call
    connections: list[Connection]


class Desk:
    def __init__(
        self,
        claims: Claims,
        admission: Admission,
        rooms: Rooms,
        *,
        records: Records,
        trail: tuple[Audit, ev.Journal],
        telephones: tuple[SeatTelephones, TelephoneLegs],
    ) -> None:
        self.seat_store = claims.seat_store
        self.telephones, self._legs = telephones
        self.ringing = Ringing(
            claims.seat_store, trail[1], telephones=self.telephones, legs=self._legs
        )
        self.connections = DeskConnections(claims.seat_store, admission, self._legs)
        self._claims = claims
        self._rooms = rooms
        self._records = records
        self._audit, self._journal = trail

    async def seats(self) -> dict[str, Seat]:
        return await self.seat_store.seats()

    async def be(self, me: Principal, state: str, reason: str) -> Seat:
        async with self.seat_store.turn():
            seat = await self.seat_store.seat(me.name)
            if seat is not None and seat.state in AT_WORK and state == SeatState.READY:
                return seat
            after = seat_changes.chosen(me, seat, state, reason, datetime.now(UTC))
            after = await self.telephones.known(after)
            await self.seat_store.be_present({me.name})
            await self.ringing.stop_at(me.name, "declined")
            await self.seat_store.put_seat(after)
        return after

    async def accept(self, offer_id: str, me: Principal, *, leg: str = "") -> Taken:
        """Under one turn with the taking: an offer that cannot be taken goes on ringing. `leg` is
        the telephone that has answered; without one the browser takes it."""
        async with self.seat_store.turn():
            offer = (await self.seat_store.offers()).get(offer_id)
            if offer is None or offer.to != me.name:
                raise Problem("conflict", "This call no longer rings for you.")
            return await self._take(offer.call, me, offer, leg=leg)

    async def take(self, name: str, me: Principal) -> Taken:
        """Two who are equally fast: the first has it. Who talks by telephone is rung first, and has
        the call when they answer."""
        async with self.seat_store.turn():
            offers = (await self.seat_store.offers()).values()
            ringing = next((o for o in offers if (o.call, o.to) == (name, me.name)), None)
            seat = await self.seat_store.seat(me.name)
            if ringing is None and seat is not None and seat.line == Line.TELEPHONE:
                return await self._take_by_telephone(name, me, seat)
            return await self._take(name, me, ringing)

    async def _take_by_telephone(self, name: str, me: Principal, seat: Seat) -> Taken:
        row = await live_call(self._records, name)
        await self._may_take(row, me, None)
        await self.ringing.stop_at(me.name, "declined")
        await self.ringing.stop_for_call(row.id)
        await self.ringing.begin(seat, row, datetime.now(UTC), frm=me.name)
        return Taken(row, [])

    async def _take(self, name: str, me: Principal, offer: Offer | None, *, leg: str = "") -> Taken:
        """The call comes to this desk: the persona hands over and falls silent, the person gets a
        voice. The turn is held."""
        row = await live_call(self._records, name)
        async with self._claims.voice(row.id):
            await self._may_take(row, me, offer)
            told = await self._take_from_persona(row, me)
            if offer is not None:
                await self.seat_store.stop_ringing(offer, "taken")
                if offer.leg != leg:
                    await self.ringing.silence(offer)
            await self.ringing.stop_for_call(row.id)
            before = await self._claims.at_desk(row.id)
            if before and before != me.name:
                await self.connections.disconnect(row.id)
                await self._wrap_up(before)
            connections = await self._connect(row.id, me, leg)
            await self._sit_down(row, me, Line.TELEPHONE if leg else Line.BROWSER)
        await self._audit.write(me.name, "desk.accept", call=row.id)
        await self._journal.append(
            ev.Offered(call=row.id, source=Source.GATEWAY, to=me.name, answer="accepted")
        )
        holder = before or row.agent
        if not told or holder is not None:  # else the job says so itself, with its summary
            await self._hand_over(row, holder, _at_desk(me.name))
        return Taken(row, connections)

    async def _connect(self, call: str, me: Principal, leg: str) -> list[Connection]:
        if leg:
            await self.connections.by_telephone(call, leg)
            return []
        return await self.connections.connect(call, me, have=[])

    async def _may_take(self, row: Call, me: Principal, offer: Offer | None) -> None:
        try:
            await self._claims.check(row, me, offer)
        except Problem as problem:
            if problem.code == "not_yours":
                await self._audit.write(me.name, "desk.refused", call=row.id)
            raise

    async def _sit_down(self, row: Call, me: Principal, by: Line) -> None:
        seat = await self.seat_store.seat(me.name)
        now = datetime.now(UTC)
        await self.seat_store.put_seat(seat_changes.sat_down(me, seat, row.id, by=by, now=now))

    async def give_back(self, name: str, me: Principal, note: str) -> None:
        """The persona goes on, knowing what was said; the person writes up."""
        row = await live_call(self._records, name)
        async with self.seat_store.turn():
            await self._must_hold(row.id, me.name)
            await self._hand_on(row.id, me.name, note)
            await self.connections.disconnect(row.id)
            await self._wrap_up(me.name)

    async def send_on(self, row: Call, me: Principal, to: str) -> None:
        """Rings at exactly that desk; the call stays at this one until somebody answers there."""
        async with self.seat_store.turn():
            seat = await self.seat_store.seat(to)
            if seat is None or seat.state != SeatState.READY:
                raise Problem("conflict", f"{to} is not ready.")
            await self.ringing.begin(seat, row, datetime.now(UTC), frm=me.name)

    async def release(self, call: str, who: str) -> None:
        """The call went on to somebody or something else; this desk writes up."""
        async with self.seat_store.turn():
            if await self._claims.at_desk(call) == who:
                await self.connections.disconnect(call)
                await self._wrap_up(who)

    async def hold(self, call: str, *, on: bool) -> None:
        """A browser closes its microphone itself; of a telephone the leg does it."""
        leg = await self.connections.telephone(call)
        if leg is not None:
            await self._legs.hold(call, leg, on=on)

    async def leave(self, name: str, me: Principal) -> None:
        """The person hangs up: the call is over for the caller too."""
        row = await live_call(self._records, name)
        async with self.seat_store.turn():
            await self._must_hold(row.id, me.name)
            await self.connections.disconnect(row.id)
            await self._wrap_up(me.name)
        await self._audit.write(me.name, "hangup", call=row.id)
        try:
            await self._command(row.id, me.name, Operation.HANGUP, "")
        except Problem:
            await self._journal.append(hung_up_by_person(row.id, Source.GATEWAY))
            await self._rooms.delete(row.id)

    async def rejoin(self, name: str, me: Principal, *, have: list[str]) -> list[Connection]:
        """After a reload or a lost network: new identities, the old ones are shown out."""
        async with self.seat_store.turn():
            return await self.connections.connect(name, me, have=have)

    async def give_up(self, call: str, who: str) -> None:
        """For a desk that is gone; raises a Problem while nobody else can have the call."""
        async with self.seat_store.turn():
            seat = await self.seat_store.seat(who)
            if seat is None or seat.answers_for != call:
                return
            await self._hand_on(call, who, "The connection to the desk was lost.")
            await self.connections.disconnect(call)
            if seat.state == SeatState.BUSY:
                await self._wrap_up(who)
            else:
                await self.seat_store.put_seat(msgspec.structs.replace(seat, call=None))

    async def dismiss(self, name: str) -> None:
        """Somebody who may work here no longer: nothing rings at their desk, their call is in
        other hands, and nobody counts on them."""
        async with self.seat_store.turn():
            seat = await self.seat_store.seat(name)
            if seat is None or seat.state == SeatState.OFFLINE:
                return
            log.info("desk.dismissed", who=name, was=seat.state, call=seat.call)
            await self.ringing.stop_at(name, "withdrawn")
            owed = None
            if seat.state == SeatState.BUSY and seat.call is not None:
                owed = await self._let_go(seat.call, name)
            await self.seat_store.put_seat(seat_changes.gone(seat, datetime.now(UTC), owes=owed))

    async def at_work(self, names: Collection[str]) -> dict[str, Principal]:
        """Those of them whose telephone is all that they need for their work."""
        return await self.telephones.at_work(names)

    async def reskill(self, name: str, skills: list[str]) -> None:
        """From now on those calls ring here which the person can take as they are now."""
        async with self.seat_store.turn():
            seat = await self.seat_store.seat(name)
            if seat is not None:
                await self.seat_store.put_seat(msgspec.structs.replace(seat, skills=skills))

    async def _let_go(self, call: str, who: str) -> str | None:
        """The voice is taken away whatever else succeeds. Returns the call if nobody could have it
        at once: then the seat keeps it, and whoever watches the desks tries again."""
        await self.connections.disconnect(call)
        try:
            await self._hand_on(call, who, "The person who had the call is gone.")
        except Problem as problem:
            log.warning("desk.lost", call=call, who=who, error=problem.code)
            return call
        return None

    async def _hand_on(self, call: str, who: str, note: str) -> None:
        """A supervisor who has taken the call over has it then, and no persona speaks between;
        else the persona goes on."""
        boss = await self._claims.taken_over_by(call)
        if boss is None:
            await self._command(call, who, Operation.GIVEBACK, note)
            return
        await self._journal.append(
            ev.HandedOver(
                call=call,
                source=Source.GATEWAY,
                frm=str(_at_desk(who)),
                to=str(Actor(ActorKind.SUPERVISOR, boss)),
            )
        )

    async def call_over(self, seat: Seat) -> None:
        """The turn is held."""
        if seat.call is not None:
            await self.seat_store.keep_identities(seat.call, {})
        await self._wrap_up(seat.name)

    async def _wrap_up(self, name: str) -> None:
        seat = await self.seat_store.seat(name)
        if seat is not None:
            await self.seat_store.put_seat(seat_changes.wraps_up(seat, datetime.now(UTC)))

    async def _take_from_persona(self, row: Call, me: Principal) -> bool:
        """False when no job answered, which must not keep a person from helping the caller."""
        try:
            await self._command(row.id, me.name, Operation.TAKEOVER, "")
        except Problem as problem:
            log.warning("desk.no_persona", call=row.id, error=problem.code)
            return False
        return True

    async def _hand_over(self, row: Call, holder: str | None, to: Actor) -> None:
        persona = Actor(ActorKind.PERSONA, row.persona or NOBODY)
        frm = _at_desk(holder) if holder else persona
        await self._journal.append(
            ev.HandedOver(
                call=row.id,
                source=Source.GATEWAY,
                frm=str(frm),
                to=str(to),
                reason=row.wanted.reason if row.wanted else "",
                summary=row.wanted.summary if row.wanted else "",
            )
        )

    async def _command(self, call: str, who: str, op: Operation, text: str) -> None:
        me = str(_at_desk(who))
        reply = await self._rooms.command(
            Command(op=op, call=call, who=me, text=text, nonce=secrets.token_hex(8))
        )
        if not reply.ok:
            raise Problem("conflict", reply.detail)

    async def holds(self, call: str, name: str) -> bool:
        """By the desk's own store, which knows before the event has been folded."""
        return await self.holder(call) == name

    async def holder(self, call: str) -> str | None:
        return await self._claims.at_desk(call)

    async def _must_hold(self, call: str, name: str) -> None:
        if not await self.holds(call, name):
            raise Problem("not_allowed", "This call is not at your desk.")


def _at_desk(name: str) -> Actor:
    return Actor(ActorKind.AGENT, name)
