"""Calls are forgotten when their time is up: the row, its events, its transcript, its sound."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from gateway.audit import Audit
from gateway.database import Database
from gateway.records.store import events_of, forget
from gateway.sounds.kept import SoundFiles
from gateway.tables import call

log = structlog.get_logger(__name__)

_AT_ONCE = 200


class Retention:
    def __init__(
        self,
        database: Database,
        audit: Audit,
        sounds: SoundFiles,
        *,
        days: int,
        audit_days: int,
    ) -> None:
        self._database = database
        self._audit = audit
        self._sounds = sounds
        self._days = days
        self._audit_days = audit_days

    async def run(self) -> None:
        """Once an hour, until cancelled."""
        while True:
            try:
                await self.once(datetime.now(UTC))
            except (SQLAlchemyError, OSError) as error:
                log.warning("retention.failed", error=type(error).__name__)
            await asyncio.sleep(3600)

    async def once(self, now: datetime) -> int:
        """How many calls were forgotten."""
        if self._audit_days:
            await self._audit.prune(self._audit_days)
        if not self._days:
            return 0
        before, gone = now - timedelta(days=self._days), 0
        while True:
            async with self._database.write() as connection:
                names = list(
                    await connection.scalars(
                        select(call.c.id)
                        .where(call.c.ended_at < before, ~call.c.live)
                        .limit(_AT_ONCE)
                    )
                )
                for name in names:
                    # Before the rows, which alone say where the files are.
                    events = await events_of(connection, name, kinds=("recorded", "voice_message"))
                    await asyncio.to_thread(self._sounds.delete, events)
                if names:
                    await forget(connection, names)
            gone += len(names)
            if len(names) < _AT_ONCE:
                break
        if gone:
            log.info("retention.forgot", calls=gone)
        return gone
