"""The call that a request names, or the Problem that says why there is none to act on."""

from __future__ import annotations

from typing import Annotated

import msgspec
from sqlalchemy import select

from gateway.errors import Problem
from gateway.records import fold
from gateway.records.call import Call
from gateway.records.row import row
from gateway.records.store import Records
from gateway.storage.database import Database
from gateway.storage.tables import call

_state = msgspec.json.Decoder(fold.State)

CallId = Annotated[str, msgspec.Meta(max_length=160)]


async def known_call(records: Records, name: str) -> Call:
    found = await records.call(name.replace("\0", ""))
    if found is None:
        raise Problem("not_found", "There is no such call.")
    return found


async def live_call(records: Records, name: str) -> Call:
    """For actions: the call must still be going on."""
    found = await known_call(records, name)
    if not found.live:
        raise Problem("call_over")
    return found


async def calls_named(database: Database, part: str, *, limit: int) -> list[Call]:
    """Calls with this in their id, the newest first."""
    named = select(call.c.seq, call.c.doc).where(call.c.id.contains(part, autoescape=True))
    async with database.read() as connection:
        found = await connection.execute(named.order_by(call.c.started_at.desc()).limit(limit))
        return [row(_state.decode(r.doc), r.seq) for r in found]
