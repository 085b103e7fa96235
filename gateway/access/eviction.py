"""Whoever is in a call or at a desk on a credential that ended is shown out, at any gateway.

The same question as `identity.revocation` asks for streams, for what is kept in Redis: places in
rooms, modes, desks. Every gateway asks it; what one did another finds done.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from typing import Protocol

import structlog
from redis.exceptions import LockError, RedisError
from sqlalchemy.exc import SQLAlchemyError

from gateway.access.admission import Admission
from gateway.access.guest_list import GuestList, Tenure
from gateway.access.webhooks import Webhooks
from gateway.identity.principal import Principal
from gateway.identity.revocation import EVERY_S
from gateway.identity.sessions import Sessions
from gateway.live.seat import Seat, SeatState

log = structlog.get_logger(__name__)

_LONGEST_S = 24 * 3600
"""Places that nobody ever said were left are forgotten after this; no call lasts so long."""


class Desks(Protocol):
    """`gateway.acd.service.Desk`."""

    async def seats(self) -> dict[str, Seat]: ...
    async def dismiss(self, name: str) -> None: ...
    async def reskill(self, name: str, skills: list[str]) -> None: ...
    async def at_work(self, names: Collection[str]) -> dict[str, Principal]: ...


class Eviction:
    def __init__(
        self,
        sessions: Sessions,
        guests: GuestList,
        admission: Admission,
        *,
        webhooks: Webhooks,
        desk: Desks,
    ) -> None:
        self._sessions = sessions
        self._guests = guests
        self._admission = admission
        self._webhooks = webhooks
        self._desk = desk

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.once(time.time())
            except LockError:
                continue  # somebody is at that desk; it is looked at again
            except (SQLAlchemyError, RedisError, OSError) as error:
                log.warning("room.cannot_look", error=type(error).__name__)

    async def once(self, now: float) -> None:
        tenures = await self._guests.tenures()
        good = await self._sessions.standing({t.guest.credential for t in tenures})
        for tenure in tenures:
            if tenure.until is not None and tenure.until <= now:
                await self._admission.show_out(tenure.room, tenure.identity)
            elif tenure.since < now - _LONGEST_S:
                await self._guests.out(tenure.room, tenure.identity)
            elif not holds(good.get(tenure.guest.credential), tenure):
                await self._webhooks.evict(tenure.room, tenure.identity, tenure.guest)
        seats = [s for s in (await self._desk.seats()).values() if s.state != SeatState.OFFLINE]
        here = await self._sessions.signed_in({seat.name for seat in seats})
        away = {seat.name for seat in seats} - here.keys()
        here |= await self._desk.at_work(away) if away else {}
        for seat in seats:
            await self._at_desk(seat, here.get(seat.name))

    async def _at_desk(self, seat: Seat, who: Principal | None) -> None:
        if who is None or not who.may("desk.work"):
            await self._desk.dismiss(seat.name)
        elif list(who.skills) != seat.skills:
            await self._desk.reskill(seat.name, list(who.skills))


def holds(who: Principal | None, tenure: Tenure) -> bool:
    """The credential is good, and gives the right that the place was given for."""
    return who is not None and who.may(tenure.guest.needs)
