"""One database behind two kinds of transaction: readers never wait, writers take turns.

Event numbers must become visible in their own order, or a reader who resumes after number n
would miss a smaller number that commits later. SQLite has one writer anyway; on Postgres writers
of events take an advisory lock.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from threading import Thread, current_thread
from typing import Any
from weakref import WeakSet

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

_MIGRATIONS = Path(__file__).parent / "migrations"
_EVENT_LOCK = 0x5B0A4D
_BUSY_S = 15.0
_SMALL_BYTES = 64 * 1024 * 1024
_DAY_S = 86_400.0


class Database:
    """Connects when first used; `migrate` before that."""

    name = "database"

    def __init__(self, url: str) -> None:
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        self._turn = asyncio.Lock()
        self._path: Path | None = None
        self._threads: WeakSet[Thread] = WeakSet()
        self._cleaned_at: float | None = None
        if self._sqlite:
            database = make_url(url).database
            if database:
                self._path = Path(database)
                self._path.parent.mkdir(parents=True, exist_ok=True)
            how = {"timeout": _BUSY_S, "factory": self._opened}
            self._reader = create_async_engine(url, connect_args=how)
            self._writer = create_async_engine(url, connect_args=how, pool_size=1)
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

    async def forget(self, before: datetime) -> int:
        """Leaves no bytes behind of rows that were deleted or changed. Returns 0: rows are counted
        by whoever deletes them."""
        if self._sqlite:
            async with self._turn:
                await asyncio.to_thread(self._clean_sqlite)
            return 0
        async with self._writer.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in ("call", "call_event", "audit"):
                await alone.execute(text(f"VACUUM {table}"))
        return 0

    def _clean_sqlite(self) -> None:
        """A page that was split keeps copies of what it held, overwritten or not, so the file is
        written anew; a big one at most once a day, since that takes seconds. The journal is emptied
        in any case."""
        if self._path is None or not self._path.exists():
            return
        with closing(
            sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)
        ) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA temp_store=MEMORY")
            small = self._path.stat().st_size < _SMALL_BYTES
            due = self._cleaned_at is None or time.monotonic() - self._cleaned_at > _DAY_S
            if small or due:
                connection.execute("VACUUM")
                self._cleaned_at = time.monotonic()
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise OSError("the database's journal is in use")

    async def close(self) -> None:
        """Returns when the driver's threads have ended: the one of a connection that was cancelled
        is told to and not waited for, and would find its event loop closed."""
        await self._reader.dispose()
        await self._writer.dispose()
        for thread in tuple(self._threads):
            await asyncio.to_thread(thread.join, _BUSY_S)

    def _opened(self, *where: Any, **how: Any) -> sqlite3.Connection:
        """Called by the driver, in the thread that it has for this connection."""
        self._threads.add(current_thread())
        return _GivesUpItsLock(*where, **how)


class _GivesUpItsLock(sqlite3.Connection):
    """Closing alone keeps an open transaction, and its lock, as long as anybody holds a cursor of
    it: the traceback of a cancelled task is enough. Whoever writes next would wait for that."""

    def close(self) -> None:
        try:
            if self.in_transaction:
                self.rollback()
        finally:
            super().close()


def _as_sqlite(engine: AsyncEngine, begin: str) -> None:
    """WAL, and our own BEGIN: the driver's would take the write lock too late and fail busy."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        _to_wal(cursor)
        for pragma in (
            "synchronous=NORMAL",
            f"busy_timeout={_BUSY_S * 1000:.0f}",
            "secure_delete=ON",  # what is deleted is overwritten, not only left out of the index
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _to_wal(cursor: Any) -> None:
    """Two processes that open a fresh file at once both want it alone for this, and SQLite tells
    the second one at once that it is locked: its busy timeout does not hold here."""
    give_up_at = time.monotonic() + _BUSY_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            await_only(asyncio.sleep(0.02))
        else:
            return


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
