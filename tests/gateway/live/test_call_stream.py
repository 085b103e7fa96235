"""One call's stream tells every entry once, whenever the entry comes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from dialplans.contracts import events as ev
from gateway.identity.principal import Principal
from gateway.identity.revocation import Revocation
from gateway.identity.sessions import Sessions
from gateway.live import listener as listener_module
from gateway.live import stream
from gateway.live.feed import Feed
from gateway.live.live_state import LiveState
from gateway.live.pubsub import Committed
from gateway.records.store import Batch, Entry, Records
from gateway.storage.database import Database
from tests.gateway.running import started

CALL = "call-442079460100-aa"
OTHER = "call-442079460100-bb"

Step = Callable[[], Awaitable[object]]


class SlowRecords(Records):
    """The table; `before` and `after` are what happens while somebody reads a call's entries."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.before: list[Step] = []
        self.after: list[Step] = []

    async def entries(self, name: str, after: int = 0) -> list[Entry]:
        if self.before:
            await self.before.pop(0)()
        found = await super().entries(name, after)
        if self.after:
            await self.after.pop(0)()
        return found


class Line:
    """A call, the table it is stored in and the feed that is told of it, each step by hand."""

    def __init__(self, database: Database) -> None:
        self.records = SlowRecords(database)
        self.feed = Feed(self.records, LiveState(20.0))
        self._revocation = Revocation(Sessions(database, hours=1))

    async def store(self, *events: ev.Event) -> Batch:
        return await self.records.append(events)

    async def tell(self, batch: Batch) -> None:
        await self.feed.apply(Committed(batch))

    async def happen(self, *events: ev.Event) -> None:
        await self.tell(await self.store(*events))

    async def open(self, last: int | None = None) -> AsyncIterator[bytes]:
        """As the route does it."""
        me = Principal(name="sue", display="Sue", roles=("supervisor",))
        answer = await stream.stream_call.fn(
            call=CALL,
            me=me,
            feed=self.feed,
            records=self.records,
            revocation=self._revocation,
            last_event_id=None if last is None else str(last),
        )
        return answer.iterator


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'switchboard.db'}")
    await database.migrate()
    yield Line(database)
    await database.close()


def said(text: str) -> ev.Event:
    return ev.Said(call=CALL, source="agents", speaker="reception", text=text)


def ended() -> ev.Event:
    return ev.Ended(call=CALL, source="agents", cause="caller_hung_up")


def kinds(chunks: bytes) -> list[str]:
    """Entries by kind and the end, in their order; every number once and ascending."""
    ids = [int(n) for n in re.findall(rb"^id: (\d+)$", chunks, re.MULTILINE)]
    assert ids == sorted(set(ids))
    names = re.findall(rb'"kind":"(\w+)"|^event: (end)$', chunks, re.MULTILINE)
    return [(kind or end).decode() for kind, end in names]


async def rest_of(chunks: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(10):
        return b"".join([chunk async for chunk in chunks])


async def test_what_is_told_after_it_was_read_from_the_table_comes_once(line: Line) -> None:
    """Stored before the stream is opened; the gateways tell each other of it afterwards."""
    await line.happen(started(CALL))
    untold = await line.store(said("Hello"), ended())
    chunks = await line.open()

    replay = await anext(chunks)
    rest = asyncio.create_task(rest_of(chunks))
    await asyncio.sleep(0)  # it waits for news
    await line.tell(untold)

    assert kinds(replay + await rest) == ["started", "said", "ended", "end"]


async def test_what_comes_before_the_table_is_read_comes_once(line: Line) -> None:
    """Stored and told between subscription and reading."""
    await line.happen(started(CALL))
    line.records.before.append(lambda: line.happen(said("Hello")))
    chunks = await line.open()

    replay = await anext(chunks)
    await line.happen(said("Goodbye"), ended())

    assert kinds(replay) == ["started", "said"]
    assert kinds(replay + await rest_of(chunks)) == ["started", "said", "said", "ended", "end"]


async def test_what_comes_while_the_table_is_read_is_not_left_out(line: Line) -> None:
    """Stored and told when the answer of the table is already made: also the end of the call."""
    await line.happen(started(CALL))
    line.records.after.append(lambda: line.happen(said("Hello"), ended()))
    chunks = await line.open()

    assert kinds(await rest_of(chunks)) == ["started", "said", "ended", "end"]


async def test_the_end_that_comes_while_news_are_sent_is_not_left_out(line: Line) -> None:
    """The stream does not look at the queue again once the call is over."""
    await line.happen(started(CALL))
    chunks = await line.open()
    replay = await anext(chunks)

    await line.happen(said("Hello"))
    news = await anext(chunks)
    await line.happen(ended())

    assert kinds(replay + news + await rest_of(chunks)) == ["started", "said", "ended", "end"]


async def test_who_comes_back_gets_only_what_is_missing(line: Line) -> None:
    """With Last-Event-ID, though the feed tells once more of what the console has."""
    first = await line.store(started(CALL), said("Hello"))
    second = await line.store(said("Are you there?"))
    chunks = await line.open(last=first.head)

    replay = await anext(chunks)
    await line.tell(first)
    await line.tell(second)
    await line.happen(ended())

    assert kinds(replay + await rest_of(chunks)) == ["said", "ended", "end"]


async def test_two_gateways_that_tell_in_the_wrong_order_are_put_right(line: Line) -> None:
    """The feed fills the hole from the table, and then the late message arrives."""
    await line.happen(started(CALL))
    chunks = await line.open()
    replay = await anext(chunks)

    late = await line.store(said("Hello"))
    await line.happen(said("Goodbye"))
    await line.tell(late)
    news = await anext(chunks)
    await line.happen(ended())

    assert kinds(replay + news) == ["started", "said", "said"]
    assert kinds(await rest_of(chunks)) == ["ended", "end"]


async def test_a_number_from_another_time_tells_the_call_from_its_beginning(line: Line) -> None:
    """After a new database; other calls' numbers are good ones."""
    await line.happen(started(CALL), started(OTHER))
    line.records.after.append(lambda: line.happen(ended()))
    chunks = await line.open(last=999_999)

    assert kinds(await rest_of(chunks)) == ["started", "ended", "end"]


async def test_a_reader_that_fell_behind_goes_on_where_it_was(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the queue lost comes from the table, without what came before."""
    monkeypatch.setattr(listener_module, "_QUEUE", 2)
    await line.happen(started(CALL))
    chunks = await line.open()
    replay = await anext(chunks)

    await line.happen(*(said(f"number {n}") for n in range(5)))
    news = await anext(chunks)
    await line.happen(ended())

    assert kinds(replay + news) == ["started", *["said"] * 5]
    assert kinds(await rest_of(chunks)) == ["ended", "end"]
