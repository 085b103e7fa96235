"""Calls are forgotten when their time is up: rows, events, transcript and sound, and whatever is
left of them elsewhere. Deleting is not enough: stores keep the bytes of what they deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec
import structlog
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from dialplans.contracts import events as ev
from gateway.records.store import events_of, forget
from gateway.storage.audit import Audit
from gateway.storage.database import Database
from gateway.storage.tables import call

log = structlog.get_logger(__name__)

EVERY_S = 3600.0
_AT_ONCE = 200


class Sounds(Protocol):
    """`gateway.sounds.sound_files.SoundFiles`: what was kept of the sound of calls."""

    def delete(self, events: Sequence[ev.Event]) -> int:
        """Those of these events. Raises OSError if one stays."""


class Place(Protocol):
    """Somewhere else that what was said, and by whom, is left."""

    name: str

    async def forget(self, before: datetime) -> int:
        """How much was forgotten. Raises RedisError, SQLAlchemyError or OSError."""


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `before`: what is older is gone; None where nothing is ever forgotten. `problems`
    says what went wrong where; the next run tries again."""

    at: datetime
    before: datetime | None
    gone: dict[str, int] = {}
    problems: dict[str, str] = {}


class Retention:
    """`elsewhere` in the order in which it is to be forgotten; the database is cleaned last."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        sounds: Sounds,
        *,
        days: int,
        audit_days: int,
        elsewhere: Sequence[Place] = (),
        told: Callable[[Forgotten], Awaitable[None]] | None = None,
    ) -> None:
        self._database = database
        self._audit = audit
        self._sounds = sounds
        self._days = days
        self._audit_days = audit_days
        self._elsewhere = elsewhere
        self._told = told
        self.last: Forgotten | None = None

    async def run(self) -> None:
        """Once an hour, until cancelled."""
        while True:
            try:
                await self.once(datetime.now(UTC))
            except (SQLAlchemyError, OSError) as error:
                log.warning("retention.failed", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def once(self, now: datetime) -> int:
        """How many calls were forgotten."""
        if self._audit_days:
            await self._audit.prune(self._audit_days)
        gone: dict[str, int] = {}
        problems: dict[str, str] = {}
        before = now - timedelta(days=self._days) if self._days else None
        if before is not None:
            gone["calls"] = await self._forget_calls(before)
            for place in (*self._elsewhere, self._database):
                try:
                    gone[place.name] = await place.forget(before)
                except (RedisError, SQLAlchemyError, OSError) as error:
                    problems[place.name] = type(error).__name__
                    log.warning("retention.not_forgotten", place=place.name, error=repr(error))
        await self._tell(Forgotten(at=now, before=before, gone=gone, problems=problems))
        return gone.get("calls", 0)

    async def _forget_calls(self, before: datetime) -> int:
        gone = 0
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
                    await self._audit.forget(connection, names)
            gone += len(names)
            if len(names) < _AT_ONCE:
                return gone

    async def _tell(self, forgotten: Forgotten) -> None:
        self.last = forgotten
        if any(forgotten.gone.values()):
            log.info("retention.forgot", **forgotten.gone)
        if self._told is not None:
            try:
                await self._told(forgotten)
            except (RedisError, OSError) as error:
                log.warning("retention.not_told", error=type(error).__name__)

    def figures(self) -> dict[str, float]:
        """For Prometheus: when it last ran here, what went wrong, and what it forgot then."""
        last = self.last
        if last is None:
            return {}
        return {
            "last_run_timestamp_seconds": last.at.timestamp(),
            "problems": float(len(last.problems)),
            **{f"forgot_{what}": float(count) for what, count in last.gone.items()},
        }
