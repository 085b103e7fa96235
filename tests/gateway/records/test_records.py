"""The table of events and the calls beside it, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select

from dialplans.contracts import events as ev
from gateway.history.csv_export import rows as csv_rows
from gateway.records.retention import Retention
from gateway.records.search import Query, Search
from gateway.records.store import Records
from gateway.sounds.sound_files import SoundFiles
from gateway.storage.audit import Audit, AuditFilter
from gateway.storage.database import Database
from gateway.storage.tables import call, call_event, metadata
from tests.gateway.running import started

T0 = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url)
    await found.migrate()
    yield found
    await found.close()


async def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    """Whoever changes a table without a migration learns it here."""

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with database.read() as connection:
        found = await connection.run_sync(differences)

    assert found == []


async def test_two_gateways_may_migrate_at_the_same_time(database_url: str) -> None:
    """They take turns; the second finds nothing to do."""
    one, two = Database(database_url), Database(database_url)

    await asyncio.gather(one.migrate(), two.migrate())

    async with one.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(call)) == 0
    await one.close()
    await two.close()


async def test_an_event_is_stored_once_however_often_it_comes(database: Database) -> None:
    """In one batch or in two, at one gateway or at two."""
    records, other = Records(database), Records(database)
    event = started("call-1-a")

    first = await records.append([event, event])
    again = await other.append([event])

    assert len(first.entries) == 1
    assert again.entries == []
    assert len(await records.entries("call-1-a")) == 1


async def test_event_numbers_appear_in_their_own_order(database: Database) -> None:
    """Whoever has read up to n will never find a smaller number later, with many writers."""
    records = [Records(database) for _ in range(3)]
    seen: list[int] = []
    done = asyncio.Event()

    async def read() -> None:
        while not done.is_set():
            seen.extend(e.seq or 0 for e in await records[0].since(seen[-1] if seen else 0, 500))
            await asyncio.sleep(0)

    reader = asyncio.create_task(read())

    async def write(writer: Records, name: str) -> None:
        for number in range(15):
            await writer.append([started(f"call-{name}-{number}")])

    await asyncio.gather(*(write(r, str(i)) for i, r in enumerate(records)))
    done.set()
    await reader
    seen.extend(e.seq or 0 for e in await records[0].since(seen[-1] if seen else 0, 500))

    assert len(seen) == 45
    assert seen == sorted(set(seen))


async def test_text_that_a_database_may_choke_on_is_kept(database: Database) -> None:
    """Zero bytes, quotes, other alphabets, and numbers far too long for their column."""
    records = Records(database)
    nasty = "a\0b ' \" \\ % _ Ω 😀"
    await records.append(
        [
            started("call-1-a", caller="+" + "9" * 300),
            ev.Heard(call="call-1-a", source="agents", text=nasty),
        ]
    )

    found = await records.call("call-1-a")

    assert found is not None
    assert found.last is not None
    assert found.last.text == nasty
    assert found.caller == "+" + "9" * 300


async def test_pages_neither_repeat_nor_miss_a_call(database: Database) -> None:
    """Also when several began at the same moment, and while new ones come in."""
    records, search = Records(database), Search(database)
    for number in range(25):
        at = T0 + timedelta(seconds=number // 5)
        await records.append([started(f"call-{number:02}", at=at)])
    names: list[str] = []
    after = None
    while True:
        page = await search.page(Query(), numbers=True, after=after, limit=4)
        names += [c.id for c in page.items]
        await records.append([started(f"call-new-{len(names)}")])
        after = page.next
        if after is None:
            break

    assert names == sorted(names, reverse=True)
    assert len(names) == 25


async def test_calls_are_found_by_everything_people_remember(database: Database) -> None:
    """Number, words, persona, cause, time, trouble; `%` is a character and not a wildcard."""
    records, search = Records(database), Search(database)
    await records.append(
        [
            started("call-1", at=T0, caller="+491701234567"),
            ev.Persona(call="call-1", source="agents", at=T0, name="billing"),
            ev.Heard(call="call-1", source="agents", at=T0, text="My Router is 100% broken"),
            ev.Problem(call="call-1", source="agents", at=T0, what="model_error"),
            ev.Turn(call="call-1", source="agents", at=T0, gap_ms=3000),
            ev.Ended(call="call-1", source="agents", at=T0, cause="caller_hung_up"),
            started("call-2", at=T0 + timedelta(days=1), caller="anonymous"),
            ev.Refused(call="call-3", source="bridge", code=486, reason="busy", caller="+441"),
        ]
    )

    async def ids(**query: object) -> list[str]:
        page = await search.page(Query(**query), numbers=True)  # type: ignore[arg-type]
        return sorted(c.id for c in page.items)

    assert await ids() == ["call-1", "call-2", "call-3"]
    assert await ids(q="router") == ["call-1"]
    assert await ids(q="100%") == ["call-1"]
    assert await ids(q="%") == ["call-1"]
    assert await ids(q="1234567") == ["call-1"]
    assert await ids(caller="anon") == ["call-2"]
    assert await ids(persona="billing", cause="caller_hung_up") == ["call-1"]
    assert await ids(problem=True) == ["call-1"]
    assert await ids(min_gap_ms=2500) == ["call-1"]
    assert await ids(since=T0 + timedelta(hours=1), until=T0 + timedelta(days=2)) == ["call-2"]
    assert await ids(scope="refused") == ["call-3"]
    assert await ids(scope="live") == ["call-2"]
    assert await ids(scope="past") == ["call-1"]


def sound_in(home: Path, name: str) -> Path:
    file = home / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"sound")
    return file


def recorded(call: str, file: str) -> ev.Recorded:
    return ev.Recorded(call=call, source="agents", at=T0, file=file, seconds=5)


async def test_calls_are_forgotten_when_their_time_is_up(
    database: Database, tmp_path: Path
) -> None:
    """Row, events, words and sound go; a call that is still going on stays whatever its age."""
    kept = {name: sound_in(tmp_path, f"recordings/kept/{name}.ogg") for name in ("old", "endless")}
    message = sound_in(tmp_path, "voicemail/night/old.wav")
    records, audit = Records(database), Audit(database)
    await records.append(
        [
            started("call-old", at=T0),
            ev.Ended(call="call-old", source="agents", at=T0, cause="caller_hung_up"),
            started("call-endless", at=T0),
            *(recorded(f"call-{name}", f"recordings/kept/{name}.ogg") for name in kept),
            ev.VoiceMessage(
                call="call-old",
                source="agents",
                at=T0,
                mailbox="night",
                file="voicemail/night/old.wav",
                seconds=4,
            ),
        ]
    )
    retention = Retention(database, audit, SoundFiles(tmp_path), days=30, audit_days=30)

    gone = await retention.once(T0 + timedelta(days=31))

    assert gone == 1
    assert retention.last is not None
    assert retention.last.problems == {}
    assert await records.call("call-old") is None
    assert await records.call("call-endless") is not None
    async with database.read() as connection:
        left = set(await connection.scalars(select(call_event.c.call_id)))
    assert left == {"call-endless"}
    assert [kept["old"].exists(), message.exists(), kept["endless"].exists()] == [
        False,
        False,
        True,
    ]


async def test_the_trail_pages_and_gets_its_ends(database: Database) -> None:
    """What lasts has a beginning and an end; the newest come first."""
    audit = Audit(database)
    first = await audit.write("sue", "listen", call="call-1")
    await audit.write("sue", "barge", call="call-1")
    await audit.end(first)

    rows = await audit.find(AuditFilter(call="call-1"))
    older = await audit.find(AuditFilter(before=rows[0].id))

    assert [r.action for r in rows] == ["barge", "listen"]
    assert rows[1].ended_at is not None
    assert [r.action for r in older] == ["listen"]


async def test_a_csv_opens_in_a_spreadsheet_without_running_anything(database: Database) -> None:
    """Cells that would be formulas are quoted; numbers stay numbers."""
    records, search = Records(database), Search(database)
    await records.append(
        [
            started("call-1", caller="+491701234567"),
            ev.Noted(call="call-1", source="gateway", who="x", disposition="=cmd|'/c calc'!A1"),
        ]
    )

    lines = [row async for row in csv_rows(search.every(Query(), numbers=True))]
    text = b"".join(lines).decode()

    assert text.count("\r\n") == 2
    assert "'=cmd" in text
    assert ",+491701234567," in text
