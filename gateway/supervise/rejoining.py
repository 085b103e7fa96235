"""A way in again for whoever takes part in a call already: after a reload, or a lost network."""

from __future__ import annotations

from gateway.access.tokens import Connection
from gateway.acd.service import Desk
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.records.lookup import live_call
from gateway.records.store import Records
from gateway.supervise.modes import PERMISSION
from gateway.supervise.service import Supervision


class Rejoining:
    def __init__(self, supervision: Supervision, desk: Desk, records: Records) -> None:
        self._supervision = supervision
        self._desk = desk
        self._records = records

    async def again(
        self, call: str, me: Principal, have: list[str]
    ) -> tuple[str, list[Connection]]:
        """For the desk that holds the call, or in the mode that was chosen before; each needs the
        right to it still, and not only when it began."""
        row = await live_call(self._records, call)
        if me.may("desk.work") and await self._desk.holds(row.id, me.name):
            return row.id, await self._desk.rejoin(row.id, me, have=have)
        participation = await self._supervision.participations.get(row.id, me.name)
        if participation.mode == "idle":
            raise Problem("not_allowed", "You take no part in this call; choose a mode first.")
        me.need(PERMISSION[participation.mode])
        again = await self._supervision.change(row.id, me, participation.mode, have=have)
        return row.id, again.open
