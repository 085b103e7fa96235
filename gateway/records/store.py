"""Events into the table, calls folded beside them, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from dialplans.contracts import events as ev
from gateway.records import fold
from gateway.records.call import Call
from gateway.records.row import row
from gateway.storage.database import Database
from gateway.storage.tables import call, call_event


class Entry(msgspec.Struct, frozen=True):
    """An event with its number in the table; without one it was never stored (interim words)."""

    seq: int | None
    event: ev.Event


class Batch(msgspec.Struct, frozen=True):
    """What one commit changed: everything after `before` up to `head`."""

    before: int
    head: int
    entries: list[Entry]
    rows: list[Call]


class Records:
    """The only writer of `call_event` and `call`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._encode = msgspec.json.Encoder().encode
        self._state = msgspec.json.Decoder(fold.State)

    async def append(self, events: Sequence[ev.Event]) -> Batch:
        """Stores what is new and folds the calls it belongs to. Safe to repeat."""
        async with self._database.events() as connection:
            before = await _head(connection)
            entries = await self._insert(connection, events)
            rows = await self._fold(connection, entries)
        head = entries[-1].seq if entries else before
        return Batch(before, head or before, entries, rows)

    async def _insert(self, connection: AsyncConnection, events: Sequence[ev.Event]) -> list[Entry]:
        unique = {e.id[:64]: e for e in events}
        if not unique:
            return []
        known = set(
            await connection.scalars(select(call_event.c.id).where(call_event.c.id.in_(unique)))
        )
        fresh = {key: e for key, e in unique.items() if key not in known}
        if not fresh:
            return []
        values = [
            {
                "id": key,
                "call_id": e.call[:160],
                "at": e.at,
                "kind": e.kind,
                "body": ev.encode(e).decode(),
            }
            for key, e in fresh.items()
        ]
        inserted = await connection.execute(
            insert(call_event).returning(
                call_event.c.seq, call_event.c.id, sort_by_parameter_order=True
            ),
            values,
        )
        return [Entry(r.seq, fresh[r.id]) for r in inserted]

    async def _fold(self, connection: AsyncConnection, entries: list[Entry]) -> list[Call]:
        by_call: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_call[entry.event.call[:160]].append(entry)
        if not by_call:
            return []
        found = await connection.execute(
            select(call.c.id, call.c.doc).where(call.c.id.in_(by_call))
        )
        known = {r.id: self._state.decode(r.doc) for r in found}
        rows, values = [], []
        for name, news in by_call.items():
            state = _advance(known.get(name), news)
            if state is None:
                state = fold.fold(await events_of(connection, name))
            shown = row(state, news[-1].seq or 0)
            rows.append(shown)
            values.append(self._columns(name, state, shown))
        await _upsert(connection, call, values, sqlite_dialect=self._database.sqlite)
        return rows

    def _columns(self, name: str, state: fold.State, shown: Call) -> dict[str, object]:
        return {
            "id": name,
            "seq": shown.seq,
            "started_at": shown.started_at,
            "ended_at": shown.ended_at,
            "live": shown.live,
            "state": shown.state,
            "called": _fit(shown.called, 80),
            "caller": _fit(shown.caller, 80),
            "persona": _fit(shown.persona, 80),
            "agent": _fit(shown.agent, 80),
            "cause": _fit(shown.cause, 40),
            "reason": _fit(shown.reason, 60),
            "disposition": _fit(shown.disposition, 60),
            "gap_max_ms": shown.turn_gap_max_ms,
            "problems": shown.problems,
            "words": _fit(state.words.lower(), 20_000),
            "doc": self._encode(state).decode(),
        }

    async def head(self) -> int:
        async with self._database.read() as connection:
            return await _head(connection)

    async def since(self, seq: int, limit: int) -> list[Entry]:
        async with self._database.read() as connection:
            found = await connection.execute(
                select(call_event.c.seq, call_event.c.body)
                .where(call_event.c.seq > seq)
                .order_by(call_event.c.seq)
                .limit(limit)
            )
            return [Entry(r.seq, ev.decode(r.body)) for r in found]

    async def entries(self, name: str, after: int = 0) -> list[Entry]:
        """A call's events in the order they were stored."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(call_event.c.seq, call_event.c.body)
                .where(call_event.c.call_id == name, call_event.c.seq > after)
                .order_by(call_event.c.seq)
            )
            return [Entry(r.seq, ev.decode(r.body)) for r in found]

    async def call(self, name: str) -> Call | None:
        rows = await self._rows(select(call.c.seq, call.c.doc).where(call.c.id == name))
        return rows[0] if rows else None

    async def live(self) -> list[Call]:
        return await self._rows(select(call.c.seq, call.c.doc).where(call.c.live))

    async def changed_since(self, seq: int, limit: int) -> list[Call]:
        return await self._rows(
            select(call.c.seq, call.c.doc).where(call.c.seq > seq).order_by(call.c.seq).limit(limit)
        )

    async def _rows(self, statement: object) -> list[Call]:
        async with self._database.read() as connection:
            found = await connection.execute(statement)  # type: ignore[call-overload]
            return [row(self._state.decode(r.doc), r.seq) for r in found]


def _advance(state: fold.State | None, news: list[Entry]) -> fold.State | None:
    """None: an event came late, or before all we know, so the call has to be folded again."""
    for entry in sorted(news, key=lambda n: (n.event.at, n.event.id)):
        state = state or fold.begin(entry.event)
        if not fold.in_order(state, entry.event):
            return None
        state = fold.step(state, entry.event)
    return state


async def events_of(
    connection: AsyncConnection, name: str, *, kinds: Sequence[str] = ()
) -> list[ev.Event]:
    """Of one call; only of some kinds, if any are named."""
    statement = select(call_event.c.body).where(call_event.c.call_id == name)
    if kinds:
        statement = statement.where(call_event.c.kind.in_(kinds))
    bodies = await connection.scalars(statement)
    return [ev.decode(body) for body in bodies]


async def forget(connection: AsyncConnection, names: Sequence[str]) -> None:
    await connection.execute(delete(call_event).where(call_event.c.call_id.in_(names)))
    await connection.execute(delete(call).where(call.c.id.in_(names)))


async def _head(connection: AsyncConnection) -> int:
    return int(await connection.scalar(select(func.max(call_event.c.seq))) or 0)


async def _upsert(
    connection: AsyncConnection,
    table: Table,
    values: list[dict[str, object]],
    *,
    sqlite_dialect: bool,
) -> None:
    maker = sqlite.insert if sqlite_dialect else postgresql.insert
    statement = maker(table)
    excluded = {c.name: statement.excluded[c.name] for c in table.c if c.name != "id"}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_=excluded), values
    )


def _fit(text: str | None, length: int) -> str | None:
    """Postgres refuses zero bytes and texts longer than the column; the document keeps all."""
    return None if text is None else text.replace("\0", "")[:length]
