"""No event is lost, whatever dies."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis

from dialplans.contracts import events as ev
from gateway.records import fold
from gateway.records.consumer import GROUP, REJECTED
from gateway.records.store import Records
from gateway.storage.database import Database
from tests.gateway.running import KEY, SECRET, Gateway, started, until
from tests.stack.free_ports import free_ports

EVENTS = 400


def start(home: Path, redis_url: str) -> subprocess.Popen[bytes]:
    env = {
        **os.environ,
        "SWITCHBOARD_HOME": str(home),
        "SWITCHBOARD_REDIS_URL": redis_url,
        "SWITCHBOARD_GATEWAY_LISTEN": f"127.0.0.1:{free_ports(1)[0]}",
        "LIVEKIT_URL": "ws://127.0.0.1:9",
        "LIVEKIT_API_KEY": KEY,
        "LIVEKIT_API_SECRET": SECRET,
    }
    with (home / "gateway.log").open("ab") as log:
        return subprocess.Popen([sys.executable, "-m", "gateway"], env=env, stdout=log, stderr=log)


async def test_an_event_that_breaks_us_stops_no_other(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is put aside for a person to look at, and what comes with it and after it is stored."""

    def broken(_state: object, _event: object) -> None:
        raise KeyError("a kind that nobody thought of")

    monkeypatch.setitem(fold._TAKE, ev.Dtmf, broken)
    redis, name = gateway.container.redis, "call-1"
    unfit = ev.Dtmf(call=name, source="agents", digit="1")
    async with redis.pipeline(transaction=True) as pipe:
        for event in (started(name), unfit, ev.Answered(call=name, source="bridge")):
            pipe.xadd(ev.STREAM, {ev.Journal.FIELD: ev.encode(event)})
        await pipe.execute()
    await gateway.happen(ev.Persona(call=name, source="agents", name="reception"))

    stored = [entry.event.kind for entry in await gateway.container.records.entries(name)]
    aside = [ev.decode(raw).id for raw in await redis.lrange(REJECTED, 0, -1)]

    async def nothing_waits() -> bool:
        return (await redis.xpending(ev.STREAM, GROUP))["pending"] == 0

    await until(nothing_waits)
    assert stored == ["started", "answered", "persona"]
    assert aside == [unfit.id]


async def test_killing_the_gateway_loses_no_event(tmp_path: Path, redis_url: str) -> None:
    """kill -9 in the middle of storing; afterwards every event is there exactly once."""
    chance = random.Random(7)
    redis = Redis.from_url(redis_url)
    journal = ev.Journal(redis)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'switchboard.db'}")
    await database.migrate()
    records = Records(database)
    sent: list[str] = []

    async def write(count: int) -> None:
        for number in range(count):
            event = started(f"call-{len(sent) % 20}", called=str(number))
            sent.append(event.id)
            await journal.append(event)

    async def stored(at_least: int) -> bool:
        return await records.head() >= at_least

    try:
        process = start(tmp_path, redis_url)
        try:
            goal = chance.randint(5, 60)
            writer = asyncio.create_task(write(EVENTS // 2))
            await until(lambda: stored(goal), within_s=60)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        await writer
        await write(EVENTS - len(sent))
        process = start(tmp_path, redis_url)
        try:
            await until(lambda: stored(EVENTS), within_s=60)
        finally:
            process.terminate()
            process.wait(20)
        found = [e.event.id for e in await records.since(0, 10_000)]
    finally:
        await redis.aclose()
        await database.close()

    assert sorted(found) == sorted(sent)
