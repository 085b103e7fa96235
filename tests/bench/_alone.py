"""Redis and one gateway, without telephones: what the console's own figures are taken on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from redis.asyncio import Redis

from dialplans.language.load import Loaded, load
from dialplans.revisions.store import PlanStore
from tests.console.accounts import everybody
from tests.stack.servers import Servers, ended, short_folder

ROOT = Path(__file__).parents[2]
START_S = 90.0


@dataclass(frozen=True)
class Alone:
    env: dict[str, str]
    base: str
    redis_url: str
    pid: int


@contextlib.contextmanager
def gateway_alone() -> Iterator[Alone]:
    """Ready to sign in to; nobody is slowed down by the limits that are meant for strangers."""
    assert (ROOT / "web/dist/index.html").is_file(), "the console is not built: npm run build"
    with short_folder() as home:
        servers = Servers(home)
        layout, keys = servers.layout, servers.keys
        with servers.redis() as url:
            env = {
                **os.environ,
                "SWITCHBOARD_HOME": str(home),
                "SWITCHBOARD_REDIS_URL": url,
                "SWITCHBOARD_DATABASE_URL": f"sqlite+aiosqlite:///{home}/switchboard.db",
                "SWITCHBOARD_GATEWAY_LISTEN": str(layout.gateway),
                "SWITCHBOARD_LEASE_SOCKET": f"{home}/lease.sock",
                "SWITCHBOARD_SIGN_INS_PER_MINUTE": "1000",
                "SWITCHBOARD_WEB_CALLS_PER_MINUTE": "1000000",
                "LIVEKIT_URL": layout.livekit_url,
                "LIVEKIT_API_KEY": keys.livekit_api_key,
                "LIVEKIT_API_SECRET": keys.livekit_api_secret,
            }
            with (home / "gateway.log").open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "gateway"],
                    cwd=ROOT,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
                with ended(process, within_s=20):
                    alone = Alone(env, f"http://{layout.gateway}", url, process.pid)
                    _wait_until_it_lives(alone, process)
                    asyncio.run(_furnish(alone))
                    yield alone


async def _furnish(alone: Alone) -> None:
    """People and a plan, which `python -m sip` puts into Redis elsewhere."""
    await everybody(alone)
    async with Redis.from_url(alone.redis_url) as redis:
        await PlanStore(redis).put(_generous_plan(Path(alone.env["SWITCHBOARD_HOME"])), "bench")


def _generous_plan(home: Path) -> Loaded:
    """The plan of the demonstration without its limits on how many and how often."""
    folder = shutil.copytree(ROOT / "dialplans", home / "plan", ignore=_not_of_the_plan)
    main = Path(folder) / "main.yaml"
    lines = main.read_text("utf-8").splitlines(keepends=True)
    limits = ("  per_caller:", "  concurrent:", "  per_number:")
    main.write_text("".join(line for line in lines if not line.startswith(limits)), "utf-8")
    loaded = load(main)
    assert loaded.valid, loaded.problems
    return loaded


def _not_of_the_plan(folder: str, names: list[str]) -> list[str]:
    return [n for n in names if n.endswith(".py") or n in ("__pycache__", "commands", "model")]


def _wait_until_it_lives(alone: Alone, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{alone.base}/health/live", timeout=2).status_code == 200:
                return
        assert process.poll() is None, f"the gateway ended with {process.returncode}"
        assert time.monotonic() < deadline, "the gateway is not ready"
        time.sleep(0.1)
