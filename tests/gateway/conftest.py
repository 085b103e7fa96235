"""One Redis for all of this folder's tests, emptied for each; a gateway for those that want one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis

from tests.gateway.running import Gateway, running_gateway, settings_for
from tests.stack.servers import Servers, short_folder


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    with short_folder() as home, Servers(home).redis() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture
async def gateway(tmp_path: Path, redis_url: str) -> AsyncIterator[Gateway]:
    async with running_gateway(settings_for(tmp_path, redis_url)) as found:
        yield found
