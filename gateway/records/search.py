"""Finding calls: filters, keyset paging, rows for CSV."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, and_, or_, select

from gateway.errors import Problem, with_zone
from gateway.records import fold
from gateway.records.call import Call, CallState
from gateway.records.row import row
from gateway.storage.database import Database
from gateway.storage.tables import call

Scope = Literal["live", "past", "refused", "all"]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; None means any."""

    scope: Scope = "all"
    q: str | None = None
    called: str | None = None
    caller: str | None = None
    persona: str | None = None
    agent: str | None = None
    cause: str | None = None
    disposition: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_gap_ms: float | None = None
    problem: bool | None = None


class Page(msgspec.Struct, frozen=True):
    items: list[Call]
    next: str | None


class _Cursor(msgspec.Struct, array_like=True):
    at: datetime
    id: str


_state = msgspec.json.Decoder(fold.State)


class Search:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, query: Query, *, numbers: bool, after: str | None = None, limit: int = 50
    ) -> Page:
        """Newest first. `numbers` False: the asker sees masked numbers and so must not be able
        to find a call by its caller's number either."""
        statement = (
            select(call.c.seq, call.c.doc, call.c.started_at, call.c.id)
            .where(*_conditions(query, numbers=numbers))
            .order_by(call.c.started_at.desc(), call.c.id.desc())
            .limit(limit + 1)
        )
        if after is not None:
            at, name = _read_cursor(after)
            statement = statement.where(
                or_(call.c.started_at < at, and_(call.c.started_at == at, call.c.id < name))
            )
        async with self._database.read() as connection:
            found = (await connection.execute(statement)).all()
        rows = [row(_state.decode(r.doc), r.seq) for r in found[:limit]]
        if len(found) <= limit:
            return Page(rows, None)
        last = found[limit - 1]
        return Page(rows, _write_cursor(last.started_at, last.id))

    async def every(self, query: Query, *, numbers: bool) -> AsyncIterator[Call]:
        """All that match, a page at a time, for an export of any length."""
        after: str | None = None
        while True:
            page = await self.page(query, numbers=numbers, after=after, limit=500)
            for found in page.items:
                yield found
            if page.next is None:
                return
            after = page.next


def _conditions(query: Query, *, numbers: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    match query.scope:
        case "live":
            found.append(call.c.live)
        case "past":
            found.append(call.c.state == CallState.ENDED)
        case "refused":
            found.append(call.c.state == CallState.REFUSED)
        case _:
            pass
    for column in ("persona", "agent", "cause", "disposition"):
        value = getattr(query, column)
        if value is not None:
            found.append(call.c[column] == value)
    if query.called is not None:
        found.append(call.c.called.contains(_clean(query.called), autoescape=True))
    if query.caller is not None and numbers:
        found.append(call.c.caller.contains(_clean(query.caller), autoescape=True))
    elif query.caller is not None:
        raise Problem("not_allowed", "Your role does not see numbers, so it cannot search them.")
    if query.since is not None:
        found.append(call.c.started_at >= with_zone(query.since))
    if query.until is not None:
        found.append(call.c.started_at < with_zone(query.until))
    if query.min_gap_ms is not None:
        found.append(call.c.gap_max_ms >= query.min_gap_ms)
    if query.problem is not None:
        found.append(call.c.problems > 0 if query.problem else call.c.problems == 0)
    if query.q:
        found.append(_anywhere(_clean(query.q), numbers=numbers))
    return found


def _anywhere(text: str, *, numbers: bool) -> ColumnElement[bool]:
    columns: list[Any] = [call.c.id, call.c.persona, call.c.agent, call.c.called, call.c.reason]
    if numbers:
        columns.append(call.c.caller)
    places = [c.icontains(text, autoescape=True) for c in columns]
    if numbers or not any(c.isdigit() for c in text):
        places.append(call.c.words.contains(text.lower(), autoescape=True))
    return or_(*places)


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()


def _write_cursor(at: datetime, name: str) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(_Cursor(at, name))).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime, str]:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        cursor = msgspec.json.decode(raw, type=_Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise Problem("invalid", "`after` is not a cursor of ours.") from error
    return with_zone(cursor.at), _clean(cursor.id)
