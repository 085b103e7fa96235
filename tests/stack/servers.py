"""redis-server and livekit-server alone, for tests that need no more than these."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import redis

from gateway.local.config_files import write_config_files
from gateway.local.keys import ensure_keys
from gateway.local.layout import Layout
from gateway.local.processes.services import services
from tests.stack.free_ports import free_ports, free_udp_range

PATIENCE_S = 20.0


@dataclass(frozen=True)
class LiveKit:
    """A running livekit-server and how to get in. `redis_url` is the Redis it shares."""

    url: str
    key: str
    secret: str
    redis_url: str

    @property
    def http(self) -> str:
        return self.url.replace("ws://", "http://", 1)


def own_environment(home: Path, *, workers: int = 2) -> dict[str, str]:
    """Settings for an installation of its own: a new home and ports that nobody uses."""
    ports = free_ports(7 + workers)
    low, high = free_udp_range(200)
    local = [f"127.0.0.1:{port}" for port in ports]
    return {
        "SWITCHBOARD_HOME": str(home),
        "SWITCHBOARD_REDIS_URL": f"redis://{local[0]}/0",
        "LIVEKIT_URL": f"ws://{local[1]}",
        "SWITCHBOARD_LIVEKIT_TCP_PORT": str(ports[2]),
        "SWITCHBOARD_LIVEKIT_UDP_PORT": str(ports[3]),
        "SWITCHBOARD_SIP_LISTEN": local[4],
        "SWITCHBOARD_SIP_HEALTH": local[5],
        "SWITCHBOARD_GATEWAY_LISTEN": local[6],
        "SWITCHBOARD_WORKER_PORTS": ",".join(map(str, ports[7:])),
        "SWITCHBOARD_RTP_PORTS": f"{low}-{high}",
        # A machine that runs tests is always busy; tests of this limit set it themselves.
        "SWITCHBOARD_SIP_MAX_CPU": "0",
    }


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """Short, because the path of a Unix socket may have 107 characters and pytest's has more."""
    folder = Path(tempfile.mkdtemp(prefix="sb-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def ended(process: subprocess.Popen[bytes], *, within_s: float) -> Iterator[None]:
    """Whatever happens in the block, the process is asked to end, and killed if it does not."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Servers:
    """The two servers of one layout, started one by one."""

    def __init__(self, home: Path) -> None:
        self.layout = Layout.from_environment({**os.environ, **own_environment(home)})
        self.keys = ensure_keys(self.layout.secrets)
        write_config_files(self.layout, self.keys)
        self._services = {s.name: s for s in services(self.layout, self.keys)}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        """Those that were started last, by name."""

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.keys.redis_password}@{self.layout.redis}/0"

    @contextlib.contextmanager
    def redis(self) -> Iterator[str]:
        with self._running("redis") as process:
            with redis.Redis.from_url(self.redis_url) as client:
                _wait_until(lambda: _pongs(client), process)
            yield self.redis_url

    @contextlib.contextmanager
    def livekit(self) -> Iterator[LiveKit]:
        with self._running("livekit") as process:
            _wait_until(lambda: _is_up(self.layout.livekit_http), process)
            yield LiveKit(
                url=self.layout.livekit_url,
                key=self.keys.livekit_api_key,
                secret=self.keys.livekit_api_secret,
                redis_url=self.redis_url,
            )

    @contextlib.contextmanager
    def _running(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """The process of one server, ended by its own id whatever happens."""
        service = self._services[name]
        with (self.layout.logs / f"{name}.log").open("wb") as output:
            process = self.processes[name] = subprocess.Popen(
                service.command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )
            # livekit-server may take ten seconds to say goodbye, which nobody in a test waits for.
            with ended(process, within_s=2):
                yield process


def _wait_until(ready: object, process: subprocess.Popen[bytes]) -> None:
    assert callable(ready)
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        assert time.monotonic() < deadline, f"{process.args!r} is not ready"
        time.sleep(0.02)


def _pongs(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def _is_up(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1, verify=False).status_code == 200
    except httpx.HTTPError:
        return False
