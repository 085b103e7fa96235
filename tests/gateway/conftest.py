"""One Redis for all of this folder's tests, emptied for each; a gateway for those that want one."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import redis
from argon2 import PasswordHasher

from gateway.identity import passwords
from sip.bridge.ffi.handles import forgive
from tests.gateway.postgres import running_postgres
from tests.gateway.running import Gateway, running_gateway, settings_for
from tests.stack.servers import LiveKit, Servers, short_folder


@pytest.fixture(scope="session", autouse=True)
def handles_dropped_twice() -> None:
    """Tests take part in rooms by the SDK themselves, and it asserts in a finaliser, in whichever
    test comes next, what does not hold after a reconnect."""
    forgive()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    with short_folder() as home, Servers(home).redis() as url:
        yield url


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real algorithm with its smallest cost: half a second less for each account, and for each
    try at one that does not exist."""
    cheap = PasswordHasher(1, 8, 1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    monkeypatch.setattr(passwords, "_DUMMY", cheap.hash("nobody has this password"))


@pytest.fixture
def redis_url(redis_server: str) -> str:
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database of each kind; what passes on one passes on the other."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'switchboard.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"t{secrets.token_hex(6)}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        address = server.removeprefix("postgresql://").rpartition("/")[0]
        yield f"postgresql+asyncpg://{address}/{name}"
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def room_servers() -> Iterator[Servers]:
    with short_folder() as home:
        servers = Servers(home)
        with servers.redis():
            yield servers


@pytest.fixture(scope="session")
def room_livekit(room_servers: Servers) -> Iterator[LiveKit]:
    with room_servers.livekit() as found:
        yield found


@pytest.fixture(autouse=True)
def call_of_its_own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls have names of their own, as in life: what livekit-server tells late of one test's room
    (`room_finished` comes twenty seconds after the last has left) would end the next test's."""
    if "room_livekit" in request.fixturenames and hasattr(request.module, "CALL"):
        name = f"{request.module.CALL}-{secrets.token_hex(4)}"
        monkeypatch.setattr(request.module, "CALL", name)


@pytest.fixture
async def room_gateway(
    tmp_path: Path, redis_url: str, room_livekit: LiveKit, room_servers: Servers
) -> AsyncIterator[Gateway]:
    """A gateway with a livekit-server that tells it by webhook what happens in rooms."""
    settings = settings_for(
        tmp_path,
        redis_url,
        dialplan=Path("dialplans/main.yaml"),
        livekit_url=room_livekit.url,
        livekit_api_key=room_livekit.key,
        livekit_api_secret=room_livekit.secret,
        lease_socket=str(room_servers.layout.home / "lease.sock"),
    )
    async with running_gateway(settings, port=room_servers.layout.gateway.port) as found:
        yield found


@pytest.fixture
async def gateway(tmp_path: Path, redis_url: str) -> AsyncIterator[Gateway]:
    async with running_gateway(settings_for(tmp_path, redis_url)) as found:
        yield found
