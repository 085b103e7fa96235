"""LiveKit follows the plan in force: saved edits, rollbacks, and Redis or LiveKit away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from livekit.protocol.sip import SIPInboundTrunkInfo
from redis.asyncio import Redis

from dialplans.revisions.store import PlanStore
from sip.client import ProvisioningError
from sip.follow import Follower
from sip.objects import Existing
from sip.render import Rendering
from tests.fakes.livekit_objects import FakeObjects
from tests.sip.provision.plans import NUMBERS, plan_text

ONE, TWO = NUMBERS[:2]


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@contextlib.asynccontextmanager
async def following(redis: Redis, server: FakeObjects, file: Path) -> AsyncIterator[Follower]:
    follower = Follower(redis, server, Rendering("main", {}))
    stop = asyncio.Event()
    task = asyncio.create_task(follower.run(file, stop))
    try:
        yield follower
    finally:
        stop.set()
        await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


def numbers(server: FakeObjects) -> list[str]:
    return [
        number
        for existing in server.objects.values()
        if isinstance(existing.message, SIPInboundTrunkInfo)
        for number in existing.message.numbers
    ]


async def test_a_saved_edit_reaches_the_server(redis: Redis, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(plan_text({ONE: "one"}), "utf-8")
    server = FakeObjects()
    async with following(redis, server, file) as follower:
        await asyncio.wait_for(follower.in_step.wait(), 20)
        before = numbers(server)
        file.write_text(plan_text({ONE: "one", TWO: "one"}), "utf-8")
        await until(lambda: numbers(server) == [ONE, TWO])

    assert before == [ONE]


async def test_a_broken_edit_changes_nothing(redis: Redis, tmp_path: Path) -> None:
    """The old plan stays in force, here as in the calls."""
    file = tmp_path / "plan.yaml"
    file.write_text(plan_text({ONE: "one"}), "utf-8")
    server = FakeObjects()
    store = PlanStore(redis)
    async with following(redis, server, file) as follower:
        await asyncio.wait_for(follower.in_step.wait(), 20)
        calls = server.calls
        file.write_text("version: 1\ntimezone: nowhere\n", "utf-8")
        async with asyncio.timeout(20):
            while await store.problems() is None:
                await asyncio.sleep(0.02)

        assert follower.in_step.is_set()
    assert server.calls == calls


async def test_a_rollback_reaches_the_server_too(redis: Redis, tmp_path: Path) -> None:
    """Whoever changes the plan in force, from a terminal or the console."""
    file = tmp_path / "plan.yaml"
    file.write_text(plan_text({ONE: "one"}), "utf-8")
    server = FakeObjects()
    store = PlanStore(redis)
    async with following(redis, server, file) as follower:
        await asyncio.wait_for(follower.in_step.wait(), 20)
        first = await store.revision()
        assert first is not None
        file.write_text(plan_text({TWO: "one"}), "utf-8")
        await until(lambda: numbers(server) == [TWO])
        await store.rollback(first, "ann")
        await until(lambda: numbers(server) == [ONE])


class Away(FakeObjects):
    """Cannot be reached the first few times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def fetch(self) -> list[Existing]:
        if self.times:
            self.times -= 1
            raise ProvisioningError("could not list the trunks: LiveKit cannot be reached")
        return await super().fetch()


async def test_livekit_away_for_a_moment_delays_and_loses_nothing(
    redis: Redis, tmp_path: Path
) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(plan_text({ONE: "one"}), "utf-8")
    server = Away(1)
    async with following(redis, server, file) as follower:
        await asyncio.wait_for(follower.in_step.wait(), 20)

    assert numbers(server) == [ONE]


async def test_a_missing_password_keeps_it_out_of_step(redis: Redis, tmp_path: Path) -> None:
    """`switchboard up` then says that the plan is not ready; trying again would not help."""
    text = plan_text({ONE: "one"}).replace('allow: ["192.0.2.0/28"]', "auth: env:NOT_SET_HERE")
    file = tmp_path / "plan.yaml"
    file.write_text(text, "utf-8")
    server = FakeObjects()
    async with following(redis, server, file) as follower:
        async with asyncio.timeout(20):
            while await PlanStore(redis).revision() is None:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)

        assert not follower.in_step.is_set()
    assert server.calls == 0
