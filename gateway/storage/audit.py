"""The trail: who did what to which call, from when to when. Nothing here is ever changed except
that an action that lasts gets its end, and one that is repeated its count."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Text, cast, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.database import Database
from gateway.storage.tables import audit


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    at: datetime
    ended_at: datetime | None
    who: str
    action: str
    call: str | None
    ip: str
    detail: dict[str, Any]


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    who: str | None = None
    action: str | None = None
    call: str | None = None
    q: str | None = None
    """Anywhere in who, what, which call, from where, and the particulars; A to Z in any case."""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(
        self,
        who: str,
        action: str,
        *,
        call: str | None = None,
        ip: str = "",
        detail: dict[str, Any] | None = None,
    ) -> int:
        """The number of the row, for `end` when the action lasts."""
        async with self._database.write() as connection:
            done = await connection.execute(
                insert(audit).values(
                    at=datetime.now(UTC),
                    who=who[:80].replace("\0", ""),
                    action=action,
                    call_id=call[:160] if call else None,
                    ip=ip,
                    detail=detail or {},
                )
            )
            key = done.inserted_primary_key
        return int(key[0]) if key else 0

    async def end(self, number: int) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(audit)
                .where(audit.c.id == number, audit.c.ended_at.is_(None))
                .values(ended_at=datetime.now(UTC))
            )

    async def repeated(self, number: int, detail: dict[str, Any]) -> None:
        """What is counted and not written down again and again; its end is the last time."""
        async with self._database.write() as connection:
            await connection.execute(
                update(audit)
                .where(audit.c.id == number)
                .values(ended_at=datetime.now(UTC), detail=detail)
            )

    async def find(self, wanted: AuditFilter) -> list[AuditRow]:
        """Newest first."""
        statement = select(audit).order_by(audit.c.id.desc()).limit(wanted.limit)
        statement = statement.where(*_conditions(wanted))
        async with self._database.read() as connection:
            found = await connection.execute(statement)
            return [
                AuditRow(
                    id=r.id,
                    at=r.at,
                    ended_at=r.ended_at,
                    who=r.who,
                    action=r.action,
                    call=r.call_id,
                    ip=r.ip,
                    detail=r.detail,
                )
                for r in found
            ]

    async def forget(self, connection: AsyncConnection, calls: Sequence[str]) -> None:
        """Who did what to these calls stays in the trail; what it says of callers does not."""
        await connection.execute(update(audit).where(audit.c.call_id.in_(calls)).values(detail={}))

    async def prune(self, days: int) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                delete(audit).where(audit.c.at < datetime.now(UTC) - timedelta(days=days))
            )


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (audit.c.who, wanted.who),
        (audit.c.action, wanted.action),
        (audit.c.call_id, wanted.call),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.before is not None:
        found.append(audit.c.id < wanted.before)
    if wanted.since is not None:
        found.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(audit.c.at < wanted.until)
    if wanted.q and (text := wanted.q.replace("\0", "").strip()):
        found.append(_anywhere(text))
    return found


def _anywhere(text: str) -> ColumnElement[bool]:
    detail = cast(audit.c.detail, Text)
    columns: list[Any] = [audit.c.who, audit.c.action, audit.c.call_id, audit.c.ip]
    places = [column.icontains(text, autoescape=True) for column in columns]
    # Particulars lie there as JSON, with escapes in place of other letters than those of ASCII.
    return or_(*places, detail.icontains(json.dumps(text)[1:-1], autoescape=True))
