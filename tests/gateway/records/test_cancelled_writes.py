"""Whoever is cancelled in the middle of a transaction lets go of the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from dialplans.process.background import end
from gateway.storage.database import Database

ONE = text("INSERT INTO note VALUES (:words) RETURNING words")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'notes.db'}")
    async with made.write() as connection:
        await connection.execute(text("CREATE TABLE note (words TEXT)"))
    yield made
    await made.close()
    assert not any(thread.is_alive() for thread in made._threads)


async def write(database: Database, words: str, times: int = 1) -> None:
    async with database.write() as connection:
        for _ in range(times):
            await connection.execute(ONE, {"words": words})


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34])
async def test_the_next_write_gets_through_and_nothing_of_the_cancelled_one_is_kept(
    database: Database, turns: int
) -> None:
    """Also while somebody still looks at what became of it, whose traceback holds its cursor. The
    driver may be at any of its steps when the cancellation comes."""
    cancelled = [asyncio.create_task(write(database, "half", 1000)) for _ in range(5)]
    for task in cancelled:
        for _ in range(turns):
            await asyncio.sleep(0.001)
        await end(task)

    async with asyncio.timeout(5):
        await write(database, "whole")

    assert all(task.cancelled() for task in cancelled)
    async with database.read() as connection:
        kept = list(await connection.scalars(text("SELECT words FROM note")))
    assert kept == ["whole"]


async def test_another_process_gets_through_too(database: Database, tmp_path: Path) -> None:
    """As forgetting does, which opens the file by itself."""
    cancelled = asyncio.create_task(write(database, "half", 1000))
    await asyncio.sleep(0.02)
    await end(cancelled)
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'notes.db'}")

    async with asyncio.timeout(5):
        await write(other, "whole")

    assert cancelled.cancelled()
    await other.close()
