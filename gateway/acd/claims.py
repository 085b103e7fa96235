"""Whose call it is to take: asked before anybody gets a voice in it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from dialplans.contracts.actor import ActorKind
from gateway.acd.seat_store import SeatStore
from gateway.acd.selection import suits
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.live.seat import Offer, SeatState
from gateway.records.call import Call

ANY_CALL = "calls.takeover"
"""With this, every queue is one's own."""


def is_theirs(row: Call, me: Principal, offer: Offer | None) -> bool:
    """It rings at their desk, or it waits in a queue that their skills and languages open."""
    if offer is not None:
        return True
    return row.wanted is not None and (me.may(ANY_CALL) or suits(me.skills, row))


class Supervisors(Protocol):
    """`gateway.supervise.participation_store.ParticipationStore`."""

    def voice(self, call: str) -> AbstractAsyncContextManager[None]: ...
    async def taken_over_by(self, call: str) -> str | None: ...


class Claims:
    """What desks and supervisors hold now, by their own stores, which know before an event has
    been folded. `voice` of a call is held while it changes hands."""

    def __init__(self, seat_store: SeatStore, supervisors: Supervisors) -> None:
        self.seat_store = seat_store
        self.voice = supervisors.voice
        self.taken_over_by = supervisors.taken_over_by

    async def at_desk(self, call: str) -> str | None:
        seats = (await self.seat_store.seats()).values()
        return next((s.name for s in seats if s.call == call and s.state == SeatState.BUSY), None)

    async def check(self, row: Call, me: Principal, offer: Offer | None) -> None:
        """Raises the Problem that says why this person may not have this call now. The desk that
        passes it on with `offer` is the only one that may have it still."""
        mine = {me.name, *({offer.frm} if offer and offer.frm else ())}
        holder = await self.at_desk(row.id)
        if (boss := await self.taken_over_by(row.id)) is not None:
            raise Problem("conflict", f"{boss} has taken this call over.")
        if holder is not None and holder not in mine:
            raise Problem("conflict", f"{holder} has this call already.")
        if holder == me.name:
            return
        at_a_desk = row.holder.kind == ActorKind.AGENT
        if row.wanted is None and at_a_desk and row.holder.name not in mine:
            raise Problem("conflict", f"{row.holder.name} has this call already.")
        if not is_theirs(row, me, offer):
            raise Problem(
                "not_yours", "This call neither rings at your desk nor waits in a queue of yours."
            )
        seat = await self.seat_store.seat(me.name)
        if seat is not None and seat.state == SeatState.BUSY and seat.call != row.id:
            raise Problem("conflict", "You have a call: give it back or end it first.")
