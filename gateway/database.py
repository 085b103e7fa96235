"""One database behind two kinds of transaction: readers never wait, writers take turns.

Event numbers must become visible in their own order, or a reader who resumes after number n
would miss a smaller number that commits later. SQLite has one writer anyway; on Postgres writers
of events take an advisory lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_MIGRATIONS = Path(__file__).parent / "migrations"
_EVENT_LOCK = 0x5B0A4D


class Database:
    """Connects when first used; `migrate` before that."""

    def __init__(self, url: str) -> None:
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        self._turn = asyncio.Lock()
        if self._sqlite:
            database = make_url(url).database
            if database:
                Path(database).parent.mkdir(parents=True, exist_ok=True)
            self._reader = create_async_engine(url, connect_args={"timeout": 15})
            self._writer = create_async_engine(url, connect_args={"timeout": 15}, pool_size=1)
            _as_sqlite(self._reader, "BEGIN")
            _as_sqlite(self._writer, "BEGIN IMMEDIATE")
        else:
            self._reader = self._writer = create_async_engine(
                url, pool_size=8, max_overflow=8, pool_pre_ping=True
            )

    async def migrate(self) -> None:
        """To the newest schema; two gateways that start together take turns."""
        async with self.events() as connection:
            await connection.run_sync(_migrate)

    @property
    def sqlite(self) -> bool:
        return self._sqlite

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self._reader.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: commits at the end, rolls back on any exception."""
        if not self._sqlite:
            async with self._writer.begin() as connection:
                yield connection
            return
        async with self._turn, self._writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncConnection]:
        """A write whose new event numbers appear in order, across every gateway."""
        async with self.write() as connection:
            if not self._sqlite:
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _EVENT_LOCK}
                )
            yield connection

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()


def _as_sqlite(engine: AsyncEngine, begin: str) -> None:
    """WAL, and our own BEGIN: the driver's would take the write lock too late and fail busy."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=15000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
