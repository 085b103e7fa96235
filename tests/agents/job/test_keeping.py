"""Reports, snapshots and leases: what outlives a moment without Redis, and a job without luck."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from agents.call.snapshot import Snapshot, Snapshots
from agents.job.lease import Lease
from dialplans.contracts.events import STREAM, Answered, Journal, decode
from dialplans.contracts.jobs import Claim, Resume, lease_key, read_metadata
from dialplans.contracts.outbox import Outbox
from dialplans.process.background import end
from dialplans.process.redact import hash_personal
from gateway.steward.lease_socket import Leases
from tests.fakes.contact_centre import Record

CALL = "call-44207-x"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


async def test_events_wait_while_nobody_takes_them_and_keep_their_order() -> None:
    record = Record()
    record.away = True
    outbox = Outbox(record)
    for number in range(20):
        outbox.add(Answered(call=CALL, source="agent", setup_ms=number))
    await asyncio.sleep(0.15)

    assert record.events == []
    assert outbox.waiting == 20

    record.away = False
    await outbox.aclose()

    assert [event.setup_ms for event in record.of("answered")] == list(range(20))


async def test_an_end_that_cannot_be_reported_does_not_hold_the_job_for_ever() -> None:
    record = Record()
    record.away = True
    outbox = Outbox(record)
    outbox.add(Answered(call=CALL, source="agent"))

    async with asyncio.timeout(5):
        await outbox.aclose(within_s=0.2)


async def test_events_arrive_in_the_stream(redis: Redis) -> None:
    outbox = Outbox(Journal(redis))
    outbox.add(Answered(call=CALL, source="agent"))
    await outbox.aclose()
    ((_, fields),) = await redis.xrange(STREAM)

    assert decode(fields[b"event"]).call == CALL


async def test_the_newest_snapshot_is_the_one_that_is_read(redis: Redis) -> None:
    snapshots = Snapshots(redis, CALL, every=0.01)
    for place in ("persona reception", "persona billing", "menu main"):
        snapshots.save(Snapshot(place=place, language="en"))
    await asyncio.sleep(0.3)

    found = await Snapshots(redis, CALL).load()

    assert found is not None
    assert found.place == "menu main"

    await snapshots.forget()

    assert await snapshots.load() is None


async def test_an_unreadable_snapshot_is_no_snapshot(redis: Redis) -> None:
    await redis.set(f"switchboard:snapshot:{CALL}", b"not json")

    assert await Snapshots(redis, CALL).load() is None


@pytest.mark.parametrize("metadata", ["", "{", "[]", "null", '{"epoch": "x"}'])
def test_metadata_that_is_not_the_stewards_means_a_first_job(metadata: str) -> None:
    assert read_metadata(metadata) == Resume()


class Told:
    """What the lease socket told the steward."""

    def __init__(self) -> None:
        self.lost: asyncio.Queue[Claim] = asyncio.Queue()
        self.ended: asyncio.Queue[Claim] = asyncio.Queue()
        self.claimed: asyncio.Queue[Claim] = asyncio.Queue()


@pytest.fixture
async def told() -> Told:
    return Told()


@pytest.fixture
async def leases(told: Told, tmp_path: Path) -> AsyncIterator[Leases]:
    made = Leases(
        tmp_path / "lease.sock",
        lost=told.lost.put,
        ended=told.ended.put,
        claimed=told.claimed.put,
    )
    work = asyncio.create_task(made.run())
    while not made.listening:
        await asyncio.sleep(0.01)
    yield made
    await end(work)


def lease(epoch: int, redis: Redis, tmp_path: Path) -> Lease:
    made = Lease(Claim(call=CALL, epoch=epoch), socket=tmp_path / "lease.sock", redis=redis)
    made.start()
    return made


async def test_a_job_that_ends_says_goodbye(
    leases: Leases, told: Told, redis: Redis, tmp_path: Path
) -> None:
    """And leaves no key behind."""
    held = lease(0, redis, tmp_path)
    await asyncio.wait_for(told.claimed.get(), 5)

    assert leases.holder(CALL) is not None

    await asyncio.sleep(0.1)

    assert await redis.exists(lease_key(CALL))

    await held.release()
    ended = await asyncio.wait_for(told.ended.get(), 5)

    assert ended.call == CALL
    assert told.lost.empty()
    assert not await redis.exists(lease_key(CALL))


async def test_a_job_that_dies_is_noticed(
    leases: Leases, told: Told, redis: Redis, tmp_path: Path
) -> None:
    held = lease(0, redis, tmp_path)
    await asyncio.wait_for(told.claimed.get(), 5)
    await held.abandon()

    lost = await asyncio.wait_for(told.lost.get(), 5)

    assert (lost.call, lost.epoch) == (CALL, 0)


async def test_the_newer_job_has_the_call_and_the_older_one_leaves(
    leases: Leases, told: Told, redis: Redis, tmp_path: Path
) -> None:
    """Without being counted as lost."""
    older = lease(0, redis, tmp_path)
    await asyncio.wait_for(told.claimed.get(), 5)
    newer = lease(1, redis, tmp_path)

    await asyncio.wait_for(older.stale.wait(), 5)
    holder = leases.holder(CALL)

    assert holder is not None
    assert holder.epoch == 1
    assert told.lost.empty()
    assert not newer.stale.is_set()

    await older.release()
    await newer.release()


async def test_a_job_of_an_older_epoch_is_turned_away(
    leases: Leases, redis: Redis, tmp_path: Path
) -> None:
    """A dispatch that comes late must not take the call from the one that has it."""
    leases.outdate(CALL, 3)
    late = lease(2, redis, tmp_path)

    await asyncio.wait_for(late.stale.wait(), 5)

    assert leases.holder(CALL) is None

    await late.release()


async def test_across_hosts_the_key_tells_who_is_newer(redis: Redis, tmp_path: Path) -> None:
    """Without any socket."""
    older = lease(0, redis, tmp_path)
    await asyncio.sleep(0.2)
    held = lease(1, redis, tmp_path)

    await asyncio.wait_for(older.stale.wait(), 5)

    assert not held.stale.is_set()

    await older.release()
    await held.release()


def test_personal_data_is_not_readable_in_logs() -> None:
    """The same person stays the same, and nobody learns who it is."""
    shown = hash_personal(None, "", {"event": "x", "pii_number": "+447700900123", "call": CALL})

    assert shown["call"] == CALL
    assert "447700900123" not in str(shown)
    assert shown == hash_personal(
        None, "", {"event": "x", "pii_number": "+447700900123", "call": CALL}
    )
