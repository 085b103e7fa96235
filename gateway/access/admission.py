"""Making a token and writing down whom it lets in, as one step."""

from __future__ import annotations

import time
from typing import Protocol

import structlog
from prometheus_client import Counter

from gateway.access.guest_list import Guest, GuestList
from gateway.access.livekit import Rooms
from gateway.access.tokens import Connection, Ticket, TokenFactory
from gateway.errors import Problem
from gateway.identity.sessions import Sessions

log = structlog.get_logger(__name__)

_AGAIN_S = 1.0


class Counts(Protocol):
    """`gateway.metrics.Metrics`."""

    tokens: Counter
    shown_out: Counter


class Admission:
    def __init__(
        self,
        token_factory: TokenFactory,
        guests: GuestList,
        rooms: Rooms,
        *,
        sessions: Sessions,
        metrics: Counts,
    ) -> None:
        self._token_factory = token_factory
        self._guests = guests
        self._sessions = sessions
        self._rooms = rooms
        self._metrics = metrics

    async def admit(self, ticket: Ticket) -> Connection:
        connection = self._token_factory.make(ticket)
        self._metrics.tokens.labels(ticket.purpose).inc()
        guest = Guest(
            who=ticket.who,
            purpose=ticket.purpose,
            call=ticket.call,
            called=ticket.called,
            credential=ticket.credential,
            needs=ticket.needs,
        )
        await self._guests.add(connection.room, connection.identity, guest)
        return connection

    async def turn_away(self, room: str, identity: str, *, why: str = "intruder") -> None:
        """Somebody who was never let in, or should not have come in now."""
        self._metrics.shown_out.labels(why).inc()
        await self._rooms.remove(room, identity)

    async def show_out(self, room: str, identity: str) -> None:
        """Off the list first: LiveKit lets a removed token in again, the webhook does not. Where
        the server does not answer, the eviction that comes by again tries again."""
        await self._guests.strike(room, identity)
        if await self._rooms.remove(room, identity):
            await self._guests.out(room, identity)
        else:
            await self.soon(room, identity, _AGAIN_S)

    async def evict(self, room: str, identity: str) -> None:
        """Out, because the right to be there ended."""
        self._metrics.shown_out.labels("revoked").inc()
        await self.show_out(room, identity)

    async def soon(self, room: str, identity: str, in_s: float) -> None:
        """Out in a moment, at whichever gateway lives then."""
        await self._guests.limit(room, identity, time.time() + in_s)

    async def welcome(self, guest: Guest) -> bool:
        """Asked when somebody comes in: a token may be older than the end of what it was given
        for."""
        if not guest.credential:
            return True
        who = (await self._sessions.standing([guest.credential])).get(guest.credential)
        return who is not None and who.may(guest.needs)

    async def close(self, room: str) -> None:
        """Whoever is in it is shown out, and no token made for it lets anybody in again."""
        await self._guests.close(room)
        try:
            await self._rooms.delete(room)
        except Problem as problem:
            log.warning("room.close_failed", room=room, error=problem.code)
