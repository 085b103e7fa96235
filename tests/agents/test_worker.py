"""The worker: load counted in calls, readiness, and a call from the terminal."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from pathlib import Path

import msgspec
from livekit.agents import AgentServer
from livekit.agents.testing import fake_job_context

from agents.health import Health
from agents.house import House
from agents.phrases import phrases
from agents.rehearsal import rehearse
from agents.settings import Settings
from agents.worker import FULL, build


class Loaded(AgentServer):
    """A server with so many calls."""

    calls = 0

    @property
    def active_jobs(self) -> list[object]:  # type: ignore[override]
        return [object()] * self.calls


def test_load_is_the_share_of_calls() -> None:
    """Never 1: LiveKit takes that for a fault."""
    built = build(Settings(worker_limit=4))
    load = built.load_fnc
    assert load is not None
    server = Loaded()

    for calls, share in ((0, 0.0), (1, 0.25), (3, 0.75), (4, FULL), (9, FULL)):
        server.calls = calls

        assert load(server) == share  # type: ignore[call-arg, arg-type]


def test_a_worker_is_ready_once_it_is_registered() -> None:
    """Before that a call that comes in would ring without an answer."""
    server = Loaded()
    server.calls = 2
    health = Health(server, ("127.0.0.1", 0), 8)
    health.start()
    address = f"http://127.0.0.1:{health.port}/"
    try:
        status = 200
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()

        assert status == 503

        server.emit("worker_registered", "AW_1", None)
        with urllib.request.urlopen(address, timeout=5) as answer:
            state = msgspec.json.decode(answer.read())

        assert state == {"registered": True, "calls": 2, "limit": 8}
    finally:
        health.stop()


async def test_a_call_from_the_terminal_is_greeted(tmp_path: Path, redis_url: str) -> None:
    """By the same plan and the same persona as a telephone's; without a server."""
    house = House.prepared(Settings(home=tmp_path, redis_url=redis_url))
    await house.open()
    with fake_job_context() as ctx:
        session = await rehearse(ctx, house)
        greeting = phrases("en").say("reception.greeting")
        async with asyncio.timeout(10):
            while greeting not in str(session.history.to_dict()):
                await asyncio.sleep(0.05)
        await session.aclose()
        await ctx._on_cleanup()
    await house.close()
