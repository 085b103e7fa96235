"""A whole installation of its own, run by the real supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import redis.asyncio
from livekit import api

from gateway.local.environment import environment
from gateway.local.keys import ensure_keys
from gateway.local.layout import Layout
from gateway.local.log_file import FILE
from gateway.local.processes.control import NotRunningError, ask
from tests.stack.servers import LiveKit, ended, own_environment, short_folder

START_S = 300.0


class Stack:
    """Everything, as `switchboard up` runs it, and what a test may do to it.

    `env` reaches it from any process; `layout` knows every address. Names of services are those
    of `switchboard status`: redis, livekit, speech, gateway, agents-1, agents-2, sip.
    """

    def __init__(self, env: dict[str, str]) -> None:
        self.layout = Layout.from_environment(env)
        keys = ensure_keys(self.layout.secrets)
        self.env = {**env, **environment(self.layout, keys)}
        self.redis_url = self.env["SWITCHBOARD_REDIS_URL"]
        self.livekit = LiveKit(
            url=self.layout.livekit_url,
            key=keys.livekit_api_key,
            secret=keys.livekit_api_secret,
            redis_url=self.redis_url,
        )

    @property
    def sip(self) -> str:
        """HOST:PORT that a phone dials."""
        return str(self.layout.sip)

    def services(self) -> dict[str, dict[str, Any]]:
        return {s["name"]: s for s in ask(self.layout, "status")["services"]}

    def pid(self, name: str) -> int:
        return int(self.services()[name]["pid"])

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Kills the process and leaves it to the supervisor to start another; returns its id."""
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def stop(self, name: str) -> None:
        """It stays away until `start`."""
        ask(self.layout, "stop", name)

    def start(self, name: str, timeout_s: float = START_S) -> None:
        ask(self.layout, "start", name, timeout_s=timeout_s)
        self.wait_ready(name, timeout_s)

    def restart(self, name: str, timeout_s: float = START_S) -> None:
        ask(self.layout, "restart", name, timeout_s=timeout_s)
        self.wait_ready(name, timeout_s)

    def wait_ready(self, name: str, timeout_s: float = 60.0, *, other_than: int = 0) -> None:
        """Also waits for a process other than the one that a test has just killed."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = self.services()[name]
            if found["state"] == "ready" and found["pid"] != other_than:
                return
            assert time.monotonic() < deadline, f"{found} is not ready\n{self.log(name)}"
            time.sleep(0.05)

    def log(self, name: str = "", lines: int = 60) -> str:
        """The last lines of one service, or of all."""
        text = (self.layout.logs / FILE).read_text("utf-8", "replace").splitlines()
        return "\n".join([line for line in text if not name or f" {name} " in line][-lines:])

    @contextlib.asynccontextmanager
    async def api(self) -> Any:
        async with api.LiveKitAPI(
            self.livekit.http, self.livekit.key, self.livekit.secret
        ) as client:
            yield client

    @contextlib.asynccontextmanager
    async def redis(self) -> Any:
        async with redis.asyncio.Redis.from_url(self.redis_url, decode_responses=True) as client:
            yield client

    async def rooms(self) -> list[str]:
        async with self.api() as client:
            return [r.name for r in (await client.room.list_rooms(api.ListRoomsRequest())).rooms]

    async def participants(self) -> list[str]:
        async with self.api() as client:
            found = []
            for room in (await client.room.list_rooms(api.ListRoomsRequest())).rooms:
                listed = await client.room.list_participants(
                    api.ListParticipantsRequest(room=room.name)
                )
                found += [f"{room.name}/{p.identity}" for p in listed.participants]
            return found

    def media_ports(self) -> list[int]:
        """Those that the leg holds; somebody else on this machine may use the same range."""
        low, high = self.layout.rtp
        try:
            leg = psutil.Process(self.pid("sip"))
            held = [
                one for process in (leg, *leg.children()) for one in process.net_connections("udp")
            ]
        except (psutil.NoSuchProcess, TypeError):
            return []
        return sorted(c.laddr.port for c in held if c.laddr and low <= c.laddr.port <= high)

    async def nothing_left(self, timeout_s: float = 20.0) -> None:
        """Fails unless every room, participant and media port is gone within that time."""
        deadline = time.monotonic() + timeout_s
        while True:
            left = {
                "rooms": await self.rooms(),
                "participants": await self.participants(),
                "ports": self.media_ports(),
            }
            if not any(left.values()):
                return
            assert time.monotonic() < deadline, f"left behind: {left}"
            await asyncio.sleep(0.2)


@contextlib.contextmanager
def running_stack(
    extra: dict[str, str] | None = None, *, prepare: Callable[[Path], None] | None = None
) -> Iterator[Stack]:
    """`extra` overrides settings; `prepare` may put files into the home folder before the start."""
    with short_folder() as home:
        env = {**os.environ, **own_environment(home), **(extra or {})}
        if prepare:
            prepare(home)
        stack = Stack(env)
        stack.layout.logs.mkdir(parents=True, exist_ok=True)
        with (stack.layout.logs / "supervisor.out").open("w+b") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "gateway.local", "--quiet"],
                cwd=stack.layout.root,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            with ended(process, within_s=60):
                _wait_until_complete(stack, process)
                yield stack


def _wait_until_complete(stack: Stack, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with contextlib.suppress(NotRunningError):
            if ask(stack.layout, "status")["complete"]:
                break
        output = stack.layout.logs / "supervisor.out"
        assert process.poll() is None, output.read_text("utf-8")
        assert time.monotonic() < deadline, f"not complete\n{stack.log()}"
        time.sleep(0.1)
    for name, found in stack.services().items():
        assert found["state"] == "ready", f"{found}\n{stack.log(name)}"
