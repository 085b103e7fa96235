"""The desk over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.access.livekit import Done
from gateway.acd.selection import in_line
from gateway.acd.service import Desk, Taken
from gateway.acd.telephone_calls import Switched, TelephoneCalls
from gateway.identity.principal import Principal
from gateway.live.feed import Feed
from gateway.live.seat import Line, Offer, Seat
from gateway.records.call import Call
from gateway.records.lookup import CallId

Sentence = Annotated[str, msgspec.Meta(max_length=2000)]
OfferId = Annotated[str, msgspec.Meta(max_length=64)]


class DeskView(msgspec.Struct, frozen=True, kw_only=True):
    """`waiting` is the line as it stands; `mine` the calls at my own desk."""

    me: Seat | None
    seats: list[Seat]
    offers: list[Offer]
    waiting: list[Call]
    mine: list[Call]


class Readiness(msgspec.Struct, frozen=True):
    state: Literal["ready", "not_ready", "wrap_up"]
    reason: Annotated[str, msgspec.Meta(max_length=120)] = ""


class Listens(msgspec.Struct, frozen=True):
    line: Literal["browser", "telephone"]


class Because(msgspec.Struct, frozen=True):
    reason: Sentence = ""


class Remark(msgspec.Struct, frozen=True):
    note: Sentence = ""


class DeskController(Controller):
    path = "/api/desk"
    tags = ("Desk",)

    @get(opt={"may": "desk.read"}, operation_id="readDesk", summary="Seats, offers, the line")
    async def read(
        self,
        me: NamedDependency[Principal],
        desk: NamedDependency[Desk],
        feed: NamedDependency[Feed],
    ) -> DeskView:
        seats = await desk.seat_store.seats()
        live = feed.live_state.live
        return DeskView(
            me=seats.get(me.name),
            seats=list(seats.values()),
            offers=[o for o in (await desk.seat_store.offers()).values() if o.to == me.name],
            waiting=in_line(live.values()),
            mine=[c for c in live.values() if c.agent == me.name],
        )

    @put(opt={"may": "desk.work"}, operation_id="setReadiness", summary="Ready, or not")
    async def be(
        self,
        data: JSONBody[Readiness],
        me: NamedDependency[Principal],
        desk: NamedDependency[Desk],
    ) -> Seat:
        return await desk.be(me, data.state, data.reason)

    @put(
        "/line",
        opt={"may": "desk.work"},
        operation_id="setLine",
        summary="Listen in the browser, or by my telephone",
    )
    async def listen(
        self,
        data: JSONBody[Listens],
        me: NamedDependency[Principal],
        telephone_calls: NamedDependency[TelephoneCalls],
    ) -> Switched:
        """A call that I have goes on there: `connections` are to be opened for the browser; the
        telephone rings, and has the call when it is answered."""
        return await telephone_calls.listen(me, Line(data.line))

    @post(
        "/offers/{offer:str}/accept",
        opt={"may": "desk.work"},
        operation_id="acceptOffer",
        summary="Take the call that rings, in the browser",
        status_code=200,
    )
    async def accept(
        self,
        offer: FromPath[OfferId],
        me: NamedDependency[Principal],
        desk: NamedDependency[Desk],
    ) -> Taken:
        return await desk.accept(offer, me)

    @post(
        "/offers/{offer:str}/decline",
        opt={"may": "desk.work"},
        operation_id="declineOffer",
        summary="Let it ring at somebody else's desk",
        status_code=204,
    )
    async def decline(
        self,
        offer: FromPath[OfferId],
        data: JSONBody[Because],
        me: NamedDependency[Principal],
        desk: NamedDependency[Desk],
    ) -> None:
        await desk.ringing.decline(offer, me)

    @post(
        "/calls/{call:str}/take",
        opt={"may": "desk.work"},
        operation_id="takeCall",
        summary="Take a call out of the line",
        status_code=200,
    )
    async def take(
        self,
        call: FromPath[CallId],
        me: NamedDependency[Principal],
        desk: NamedDependency[Desk],
    ) -> Taken:
        return await desk.take(call, me)

    @post(
        "/calls/{call:str}/giveback",
        opt={"may": "desk.work"},
        operation_id="giveCallBack",
        summary="Let the persona go on with it",
        status_code=202,
    )
    async def give_back(
        self,
        call: FromPath[CallId],
        data: JSONBody[Remark],
        me: NamedDependency[Principal],
        desk: NamedDependency[Desk],
    ) -> Done:
        await desk.give_back(call, me, data.note)
        return Done()

    @post(
        "/calls/{call:str}/leave",
        opt={"may": "desk.work"},
        operation_id="leaveCall",
        summary="Hang up and write up",
        status_code=204,
    )
    async def leave(
        self,
        call: FromPath[CallId],
        me: NamedDependency[Principal],
        desk: NamedDependency[Desk],
    ) -> None:
        await desk.leave(call, me)
