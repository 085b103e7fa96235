"""A caller is never left alone: a desk whose voice is gone from the room gives the call back.

Webhooks only make this look sooner. One that is lost, a gateway that dies while it waits, and a
job that does not answer must all end in a persona that goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass

import structlog

from dialplans.contracts import events as ev
from dialplans.contracts.words import Source
from gateway.access.livekit import Rooms
from gateway.acd.service import Desk
from gateway.errors import Problem
from gateway.live.seat import Seat, SeatState

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Patience:
    """Seconds."""

    back: float = 10.0
    """A desk whose connection was lost may come back this long before the persona goes on."""

    coming: float = 30.0
    """Who has just taken a call may have to allow the microphone first."""

    look_every: float = 2.0


@dataclass
class _Away:
    """Since when a desk's voice is missed (monotonic, s), and whether that is on record."""

    since: float
    told: bool = False


class DeskWatch:
    """Every gateway runs one; giving back asks under the desk's turn who holds the call."""

    def __init__(self, desk: Desk, rooms: Rooms, journal: ev.Journal) -> None:
        self.patience = Patience()
        self._desk = desk
        self._rooms = rooms
        self._journal = journal
        self._here: set[str] = set()
        self._away: dict[str, _Away] = {}
        self._hint = asyncio.Event()

    def hint(self, _: str) -> None:
        """Something happened in a call's room."""
        self._hint.set()

    def left(self, identity: str) -> None:
        """They were here: look now, so that the time runs from here."""
        self._here.add(identity)
        self._hint.set()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hint.wait(), self.patience.look_every)
            self._hint.clear()
            try:
                await self.look(time.monotonic())
            except Exception as error:
                log.warning("desk.look_failed", error=type(error).__name__)

    async def look(self, now: float) -> None:
        """One round over all desks that hold a call."""
        watched = set()
        for seat in (await self._desk.seat_store.seats()).values():
            if (call := seat.answers_for) is None:
                continue
            known = await self._desk.seat_store.identities(call)
            voice = known.get("talk", f"{seat.name} in {call}")
            watched.add(voice)
            with contextlib.suppress(Problem):  # asked again in the next round
                await self._judge(call, seat, voice, now)
        self._here &= watched
        self._away = {voice: away for voice, away in self._away.items() if voice in watched}

    async def _judge(self, call: str, seat: Seat, voice: str, now: float) -> None:
        here = {person.identity for person in await self._rooms.people(call)}
        if voice in here:
            self._here.add(voice)
            self._away.pop(voice, None)
            if await self._desk.connections.leaving(call):
                await self._desk.connections.left(call)
            return
        away = self._away.setdefault(voice, _Away(now))
        if here and now - away.since >= self._waited_for(seat, voice):
            await self._give_up(call, seat.name, away)

    def _waited_for(self, seat: Seat, voice: str) -> float:
        if seat.state != SeatState.BUSY:
            return 0.0  # whose right to the call is gone does not come back
        return self.patience.back if voice in self._here else self.patience.coming

    async def _give_up(self, call: str, who: str, away: _Away) -> None:
        """Tried in each round until somebody has the call, and on record once."""
        try:
            await self._desk.give_up(call, who)
        except Problem as problem:
            log.warning("desk.lost", call=call, who=who, error=problem.code)
            if not away.told:
                away.told = True
                await self._journal.append(
                    ev.Problem(
                        call=call, source=Source.GATEWAY, what="desk_lost", detail=problem.code
                    )
                )
