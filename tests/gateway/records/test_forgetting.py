"""When a call's time is up nothing of it is left on the machine: not the number, not a word."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import redis
from redis.asyncio import Redis

from agents.call.snapshot import Snapshot
from agents.company.crm import CRMError
from agents.company.demo_company import DemoCompany
from agents.company.forgetting import forget
from dialplans.contracts import events as ev
from dialplans.contracts.jobs import FORGET, RETENTION, snapshot_key
from dialplans.process.background import end
from gateway.cli.status import retention_line
from gateway.container import Container, build
from gateway.local.log_file import FILE, LogFile
from gateway.records.consumer import GROUP, REJECTED, REJECTED_AT
from gateway.records.retention import Forgotten
from gateway.storage.audit import AuditFilter
from tests.gateway.running import settings_for, until
from tests.stack.servers import Servers, short_folder

NUMBER, NATIONAL = "+447700900123", "07700 900123"
WORDS = "the harbour lights are flooded"
YOUNG = "+447700900456"
TRACES = [
    NUMBER, NUMBER[1:], NATIONAL, NATIONAL.replace(" ", ""), WORDS, WORDS.title(), "harbour lights",
]  # fmt: skip
OLD_CALL, YOUNG_CALL = "call-442079460200-old", "call-442079460200-young"
DAYS = 90
CALLS = 60


@pytest.fixture
def installation() -> Iterator[Servers]:
    """A state folder of its own with a Redis that keeps its file there."""
    with short_folder() as home:
        yield Servers(home)


@pytest.fixture
async def container(installation: Servers) -> AsyncIterator[Container]:
    with installation.redis() as url:
        made = build(settings_for(installation.layout.home, url, retention_days=DAYS))
        await made.database.migrate()
        reading = asyncio.create_task(made.event_consumer.run())
        try:
            yield made
        finally:
            await end(reading)
            await made.rooms.close()
            await made.redis.aclose()
            await made.database.close()


def found(home: Path) -> dict[str, set[str]]:
    """In which files which of the traces are, in any byte of them, big or small letters."""
    there: dict[str, set[str]] = {}
    for file in home.rglob("*"):
        if file.is_file():
            content = file.read_bytes().lower()
            traces = {t for t in TRACES if t.lower().encode() in content}
            if traces:
                there[str(file.relative_to(home))] = traces
    return there


def call_events(call: str, caller: str, at: datetime, words: str = WORDS) -> list[ev.Event]:
    head = {"call": call, "source": "agent"}
    number = NATIONAL if caller == NUMBER else caller
    return [
        ev.Started(**head, at=at, called="+442079460200", caller=caller, sip_call_id=f"{caller}@x"),
        ev.Heard(**head, at=at + timedelta(seconds=1), text=words),
        ev.Said(**head, at=at + timedelta(seconds=2), speaker="p", text=f"You said: {words}"),
        ev.Tool(**head, at=at + timedelta(seconds=3), name="t", arguments={"heard": words}),
        ev.HandedOver(**head, at=at + timedelta(seconds=4), frm="a", to="b", summary=words),
        ev.Noted(**head, at=at + timedelta(seconds=5), who="sue", note=f"{words}, {number}"),
        ev.Recorded(
            **head,
            at=at + timedelta(seconds=6),
            file=f"recordings/kept/{call}.ogg",
            seconds=3.0,
        ),
        ev.Ended(**head, at=at + timedelta(seconds=7), cause="caller_hung_up"),
    ]


async def happen(container: Container, events: list[ev.Event]) -> None:
    for event in events:
        await container.journal.append(event)
    await until(lambda: stored(container, events[-1]))


async def stored(container: Container, event: ev.Event) -> bool:
    return any(e.event.id == event.id for e in await container.records.entries(event.call))


def write(file: Path, text: str, *, days_ago: float = 0.0) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    then = time.time() - 86_400 * days_ago
    os.utime(file, (then, then))


async def fill(container: Container, home: Path, books: DemoCompany) -> None:
    """All that a call leaves, where it is left, and what goes wrong: words that were changed and
    deleted before, a document that is no event, files of jobs that were killed."""
    old = datetime.now(UTC) - timedelta(days=DAYS + 10)
    for number in range(CALLS):  # pages are split, and what they held is copied
        events = call_events(f"{OLD_CALL}-{number}", NUMBER, old)
        await (happen(container, events) if number < 3 else container.records.append(events))
    snapshot = Snapshot(place="persona p", language="en", heard=[WORDS])
    await container.redis.set(snapshot_key(OLD_CALL), msgspec.json.encode(snapshot))
    await container.redis.delete(snapshot_key(OLD_CALL))
    await container.redis.xadd(ev.STREAM, {"event": f'{{"kind": "heard", "nonsense": "{WORDS}"}}'})
    await until(lambda: put_aside(container.redis))
    await container.audit.write("sue", "hangup", call=f"{OLD_CALL}-1", detail={"reason": WORDS})
    for name in ("recordings/kept/x.ogg.part", "voicemail/night/killed.wav"):
        write(home / name, WORDS, days_ago=DAYS + 5)
    write(home / f"recordings/kept/{OLD_CALL}-0.ogg", WORDS, days_ago=DAYS + 5)
    for name in ("supervisor.out", "old.log", f"{FILE}.20260101T000000"):
        write(home / "logs" / name, f"{NUMBER} {WORDS}", days_ago=30)
    await books.open_ticket(WORDS, caller=NUMBER, customer=None)


async def put_aside(redis_: Redis) -> bool:
    return bool(await redis_.llen(REJECTED))  # type: ignore[misc]


async def test_after_retention_number_and_words_are_nowhere(
    container: Container, installation: Servers
) -> None:
    """In no byte of any file of the state folder; before it they are in each store. What it did is
    told. A call that is young enough stays, with its sound and its events."""
    home = installation.layout.home
    books = DemoCompany(home / "company.db")
    books.prepare(datetime.now(UTC).date())
    await fill(container, home, books)
    before = found(home)
    names = " ".join(before)

    for place in ("redis/", "switchboard.db", "company.db", "recordings/", "voicemail/", "logs/"):
        assert place in names

    later = datetime.now(UTC) + timedelta(days=DAYS + 1)
    young = later - timedelta(days=1)
    await happen(container, call_events(YOUNG_CALL, YOUNG, young, "nothing of that kind"))
    sound = home / f"recordings/kept/{YOUNG_CALL}.ogg"
    write(sound, "sound", days_ago=-(DAYS + 0.5))
    gone = await container.retention.once(later)
    forget(books, later.isoformat())
    deadline = time.monotonic() + 15
    while found(home) and time.monotonic() < deadline:  # Redis unlinks its old file in a thread
        await asyncio.sleep(0.05)

    assert found(home) == {}
    assert gone == CALLS
    assert await container.records.call(YOUNG_CALL) is not None
    assert sound.exists()
    (trail,) = await container.audit.find(AuditFilter(call=f"{OLD_CALL}-1"))
    assert (trail.who, trail.action, trail.detail) == ("sue", "hangup", {})

    raw = await container.redis.get(RETENTION)
    told = msgspec.json.decode(raw, type=Forgotten)
    assert told.problems == {}
    assert told.gone["calls"] == CALLS
    assert container.retention.figures()["forgot_calls"] == CALLS
    assert "60 calls" in retention_line(raw)


async def test_events_that_nobody_has_read_yet_are_read_on(container: Container) -> None:
    """Only what is too old leaves the stream; the readers' places in it stay."""
    now = datetime.now(UTC)
    await happen(container, call_events("call-1", NUMBER, now))
    await container.retention.once(now)
    await happen(container, call_events("call-2", NUMBER, now))

    assert await container.redis.xlen(ev.STREAM) == 16
    assert (await container.redis.xpending(ev.STREAM, GROUP))["pending"] == 0


async def test_what_was_put_aside_goes_by_its_own_age(container: Container) -> None:
    """The oldest first; what an older version put aside without a time at once."""
    now = datetime.now(UTC)
    await container.redis.rpush(REJECTED, "new", "old", "ancient")  # type: ignore[misc]
    await container.redis.rpush(  # type: ignore[misc]
        REJECTED_AT, now.timestamp(), (now - timedelta(days=DAYS + 1)).timestamp()
    )

    await container.retention.once(now)

    assert await container.redis.lrange(REJECTED, 0, -1) == [b"new"]  # type: ignore[misc]


async def test_one_place_that_fails_keeps_nothing_else_from_being_forgotten(
    container: Container, installation: Servers
) -> None:
    """It is told which, and tried again."""
    await fill_one(container)
    (installation.layout.home / "logs").chmod(0o700)
    await container.redis.delete(REJECTED)
    await container.redis.set(REJECTED, "no list")  # type: ignore[misc]
    later = datetime.now(UTC) + timedelta(days=DAYS + 1)

    gone = await container.retention.once(later)

    assert gone == 1
    assert container.retention.last is not None
    assert container.retention.last.problems == {"stream": "ResponseError"}
    assert "stream" in retention_line(await container.redis.get(RETENTION))


async def fill_one(container: Container) -> None:
    await happen(container, call_events(OLD_CALL, NUMBER, datetime.now(UTC) - timedelta(days=1)))


def test_workers_are_told_what_to_forget(tmp_path: Path) -> None:
    """A word that makes no sense, or books that are closed, cost nothing."""

    class Closed:
        def forget(self, before: datetime) -> int:
            raise CRMError("closed")

    forget(Closed(), datetime.now(UTC).isoformat())
    forget(DemoCompany(tmp_path / "company.db"), "some day")


async def test_the_gateway_gives_its_word_to_the_workers(container: Container) -> None:
    with redis.Redis.from_url(container.settings.redis_url) as client, client.pubsub() as words:
        words.subscribe(FORGET)
        words.get_message(timeout=5)
        now = datetime.now(UTC)
        await container.retention.once(now)
        word = await asyncio.to_thread(words.get_message, timeout=5)

    assert word is not None
    assert datetime.fromisoformat(word["data"].decode()) == now - timedelta(days=DAYS)


def test_logs_name_no_number_and_have_an_age(tmp_path: Path) -> None:
    """Whoever writes the line. What is older than the days that are set is deleted, whoever left
    it; a file of an earlier day gets its date."""
    for name, ago in (("supervisor.out", 20), ("crashed.log", 20), ("young.log", 1)):
        write(tmp_path / name, "x", days_ago=ago)
    write(tmp_path / FILE, "of yesterday\n", days_ago=1)
    log = LogFile(tmp_path, days=14)
    log.write("livekit", f'participant "sip_{NUMBER[1:]}" of sip:{NUMBER}@192.0.2.1 ({NATIONAL})')
    log.close()

    names = sorted(file.name for file in tmp_path.iterdir())
    assert [n for n in names if not n.startswith(FILE)] == ["young.log"]
    assert len(names) == 3
    written = (tmp_path / FILE).read_text()
    assert "livekit" in written
    assert "of yesterday" not in written
    assert not any(t in written for t in TRACES[:4])
