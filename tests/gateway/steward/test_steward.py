"""The call steward on a real livekit-server: no caller rings for ever, none is left in silence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from livekit import api, rtc
from redis.asyncio import Redis

from dialplans.contracts.events import STREAM, Journal, decode
from dialplans.contracts.jobs import (
    AGENT,
    AGENT_NAME,
    CALLER,
    ROLE,
    Claim,
    Resume,
    read_metadata,
    snapshot_key,
)
from dialplans.process.background import end
from gateway.steward.lease_socket import Leases
from gateway.steward.livekit import LiveKitRooms, Seen
from gateway.steward.service import Steward
from tests.stack.servers import LiveKit, Servers

CALL = "call-442079460100-test"


@pytest.fixture
def redis_url(servers: Servers) -> Iterator[str]:
    """The one that `livekit` shares; the other tests of the gateway have one for all of them."""
    with servers.redis() as url:
        yield url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
async def lk(livekit: LiveKit) -> AsyncIterator[api.LiveKitAPI]:
    async with api.LiveKitAPI(livekit.http, livekit.key, livekit.secret) as client:
        yield client


@contextlib.asynccontextmanager
async def working(lk: api.LiveKitAPI, redis: Redis, socket: Path) -> AsyncIterator[Steward]:
    steward = Steward(LiveKitRooms(lk), redis, Journal(redis), socket)
    work = asyncio.create_task(steward.run())
    try:
        yield steward
    finally:
        await end(work)


@contextlib.asynccontextmanager
async def joined(livekit: LiveKit, who: str, role: str) -> AsyncIterator[rtc.Room]:
    """Somebody in the call's room: a caller, a colleague, or an agent."""
    token = (
        api.AccessToken(livekit.key, livekit.secret)
        .with_identity(who)
        .with_grants(api.VideoGrants(room_join=True, room=CALL, agent=role == "agent-job"))
        .with_attributes({ROLE: role})
    )
    if role == "agent-job":
        token = token.with_kind("agent").with_attributes({})
    room = rtc.Room()
    await room.connect(livekit.url, token.to_jwt())
    try:
        yield room
    finally:
        await room.disconnect()


async def until(true: Callable[[], object], within: float = 15.0) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.05)


async def words(lk: api.LiveKitAPI) -> list[Resume]:
    """What was dispatched so far; the server adds one for workers without a name by itself."""
    found = await lk.agent_dispatch.list_dispatch(CALL)
    return [read_metadata(d.metadata) for d in found if d.agent_name == AGENT_NAME]


async def rooms(lk: api.LiveKitAPI) -> list[str]:
    return [room.name for room in (await lk.room.list_rooms(api.ListRoomsRequest())).rooms]


async def claim(socket: Path, epoch: int, identity: str = "agent-job-1") -> asyncio.StreamWriter:
    """A job's lease."""
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_unix_connection(str(socket))
                break
            await asyncio.sleep(0.05)
    made = Claim(call=CALL, epoch=epoch, identity=identity)
    writer.write(msgspec.json.encode(made) + b"\n")
    await writer.drain()
    return writer


async def test_a_caller_whom_nobody_answers_gets_another_dispatch(
    livekit: LiveKit, lk: api.LiveKitAPI, redis: Redis, tmp_path: Path
) -> None:
    """Again and again while there is none; the record says that nobody was there."""
    async with (
        working(lk, redis, tmp_path / "lease.sock") as steward,
        joined(livekit, "sip_1", CALLER),
    ):
        await until(lambda: steward.figures()["redispatched"])
        await asyncio.sleep(0.3)
        asked = await words(lk)
        events = [decode(row[b"event"]) for _, row in await redis.xrange(STREAM)]

        assert asked == [Resume(resume=False, epoch=1)]
        assert [event.kind for event in events] == ["problem"]


async def test_a_lost_lease_brings_a_new_job_and_removes_the_ghost(
    livekit: LiveKit, lk: api.LiveKitAPI, redis: Redis, tmp_path: Path
) -> None:
    """With the context that the dead one kept, and in the next epoch."""
    socket = tmp_path / "lease.sock"
    async with (
        working(lk, redis, socket) as steward,
        joined(livekit, "sip_1", CALLER),
        joined(livekit, "agent-job-1", "agent-job"),
    ):
        await redis.set(snapshot_key(CALL), b"{}")
        dying = await claim(socket, 0)
        await until(lambda: steward.leases.holder(CALL) and steward.leadership.held)
        dying.close()
        await until(lambda: steward.figures()["ghosts_removed"])
        asked = await words(lk)
        back = await claim(socket, 1, "agent-job-2")
        await until(lambda: steward.figures()["resumed"])

        assert asked == [Resume(resume=True, epoch=1)]

        found = await lk.room.list_participants(api.ListParticipantsRequest(room=CALL))

        assert [who.identity for who in found.participants] == ["sip_1"]

        back.close()


async def test_the_room_goes_with_its_caller(
    livekit: LiveKit, lk: api.LiveKitAPI, redis: Redis, tmp_path: Path
) -> None:
    """Whoever else is in it."""
    async with (
        working(lk, redis, tmp_path / "lease.sock") as steward,
        joined(livekit, "agent-ann", AGENT),
    ):
        async with joined(livekit, "sip_1", CALLER):
            await until(lambda: steward.figures()["redispatched"])  # it has seen the caller
        await until(lambda: steward.figures()["rooms_deleted"])

        assert CALL not in await rooms(lk)


async def test_after_a_jobs_goodbye_the_room_is_deleted(
    livekit: LiveKit, lk: api.LiveKitAPI, redis: Redis, tmp_path: Path
) -> None:
    """Also if the caller's leg did not leave by itself: nobody is left to talk to."""
    socket = tmp_path / "lease.sock"
    async with working(lk, redis, socket) as steward, joined(livekit, "sip_1", CALLER):
        job = await claim(socket, 0)
        await until(lambda: steward.figures()["rooms"] and steward.leases.holder(CALL))
        job.write(b"bye\n")
        await job.drain()
        await until(lambda: steward.figures()["rooms_deleted"])
        job.close()

        assert CALL not in await rooms(lk)


async def test_one_steward_works_and_another_takes_over(
    livekit: LiveKit, lk: api.LiveKitAPI, redis: Redis, tmp_path: Path
) -> None:
    """Two gateways on one host share the lease socket in turn."""
    socket = tmp_path / "lease.sock"
    async with contextlib.AsyncExitStack() as first_life:
        first = await first_life.enter_async_context(working(lk, redis, socket))
        await until(lambda: first.leadership.held and first.leases.listening)
        async with working(lk, redis, socket) as second:
            await asyncio.sleep(1.5)

            assert not second.leadership.held
            assert not second.leases.listening

            await first_life.aclose()
            await until(lambda: second.leadership.held and second.leases.listening)


class RoomsAway:
    """A livekit-server that does not answer until `back`."""

    def __init__(self) -> None:
        self.back = False
        self.asked = 0

    async def calls(self) -> dict[str, str]:
        self.asked += 1
        if not self.back:
            raise ConnectionRefusedError
        return {CALL: "RM_1"}

    async def look(self, call: str, sid: str) -> Seen:
        return Seen("RM_1", ("sip_0",), (), ())

    async def dispatch(self, call: str, word: Resume) -> str:
        return "AD_1"

    async def withdraw(self, call: str, dispatch: str) -> None: ...

    async def remove(self, call: str, identity: str) -> None: ...

    async def delete(self, call: str) -> None: ...


async def test_a_server_that_restarts_is_waited_for(redis: Redis, tmp_path: Path) -> None:
    away = RoomsAway()
    steward = Steward(away, redis, Journal(redis), tmp_path / "lease.sock")
    work = asyncio.create_task(steward.run())
    await until(lambda: away.asked >= 2)
    away.back = True
    await until(lambda: steward.figures()["redispatched"])
    await end(work)

    assert not steward.leadership.held


async def test_probes_of_the_lease_socket_are_no_jobs(tmp_path: Path) -> None:
    """Somebody who connects and says nothing, or nonsense, holds nothing and loses nothing."""
    lost: list[Claim] = []

    async def note(claim: Claim) -> None:
        lost.append(claim)

    leases = Leases(tmp_path / "lease.sock", lost=note, ended=note, claimed=note)
    work = asyncio.create_task(leases.run())
    await until(lambda: leases.listening)
    for line in (b"", b"hello\n", b"{}\n", b"x" * 10_000 + b"\n"):
        _, writer = await asyncio.open_unix_connection(str(tmp_path / "lease.sock"))
        with contextlib.suppress(OSError):
            writer.write(line)
            await writer.drain()
        writer.close()
    await asyncio.sleep(0.2)
    await end(work)

    assert lost == []
    assert len(leases) == 0
