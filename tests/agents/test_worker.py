"""The worker: load counted in calls, readiness, and a call from the terminal."""

from __future__ import annotations

import asyncio
import threading
import urllib.error
import urllib.request
from pathlib import Path

import msgspec
from livekit.agents import AgentServer
from livekit.agents.testing import fake_job_context

from agents.company.phrases import phrases
from agents.console import console_call
from agents.health import Health
from agents.providers.prerender import render_ahead
from agents.resources import Resources
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


class Pool:
    """What LiveKit's pool of job processes has ready."""

    def __init__(self) -> None:
        self._warmed_proc_queue: asyncio.Queue[object] = asyncio.Queue()


def asked(health: Health) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{health.port}/", timeout=5) as answer:
            return answer.status, msgspec.json.decode(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, msgspec.json.decode(error.read())


def test_a_worker_is_ready_once_a_call_is_answered_as_fast_as_any() -> None:
    """Registered, since a call would ring without an answer; with a warm process and rendered
    greetings, since it would be answered late. Later, a process in the making changes nothing."""
    server, greeted = Loaded(), threading.Event()
    server._proc_pool = pool = Pool()  # type: ignore[assignment]
    health = Health(server, ("127.0.0.1", 0), 8, greeted=greeted)
    health.start()
    try:
        assert asked(health)[0] == 503

        server.emit("worker_registered", "AW_1", None)

        assert asked(health)[0] == 503

        greeted.set()

        assert asked(health)[0] == 503

        pool._warmed_proc_queue.put_nowait(object())

        assert asked(health)[0] == 200

        pool._warmed_proc_queue.get_nowait()
        status, state = asked(health)

        assert status == 200
        assert state == {
            "registered": True, "warm": True, "greetings": True, "calls": 0, "limit": 8,
        }  # fmt: skip
    finally:
        health.stop()


def test_a_voice_that_is_away_keeps_no_worker_from_its_calls(tmp_path: Path) -> None:
    """Sentences are then synthesised when they are said."""
    greeted = threading.Event()
    rendering = threading.Thread(
        target=render_ahead,
        args=(Settings(home=tmp_path), greeted),
        kwargs={"greetings_within_s": 0.2, "patience_s": 1.0},
    )
    rendering.start()

    assert greeted.wait(20)

    rendering.join(30)

    assert not rendering.is_alive()


async def test_a_call_from_the_terminal_is_greeted(tmp_path: Path, redis_url: str) -> None:
    """By the same plan and the same persona as a telephone's; without a server."""
    resources = Resources.prepared(Settings(home=tmp_path, redis_url=redis_url))
    await resources.open()
    with fake_job_context() as ctx:
        session = await console_call(ctx, resources)
        greeting = phrases("en").say("reception.greeting")
        async with asyncio.timeout(10):
            while greeting not in str(session.history.to_dict()):
                await asyncio.sleep(0.05)
        await session.aclose()
        await ctx._on_cleanup()
    await resources.close()
