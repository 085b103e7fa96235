"""The servers as pytest fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stack.free_ports import free_ports
from tests.stack.plans import story_plan
from tests.stack.running import Stack, running_stack
from tests.stack.servers import LiveKit, Servers, short_folder


@pytest.fixture
def servers() -> Iterator[Servers]:
    with short_folder() as home:
        yield Servers(home)


@pytest.fixture
def redis_url(servers: Servers) -> Iterator[str]:
    """An empty Redis of this test's own, with a password in the URL."""
    with servers.redis() as url:
        yield url


@pytest.fixture
def livekit(servers: Servers, redis_url: str) -> Iterator[LiveKit]:
    """A livekit-server of this test's own on the Redis of `redis_url`: `.url .key .secret`."""
    assert redis_url == servers.redis_url
    with servers.livekit() as found:
        yield found


@pytest.fixture(scope="session")
def trunk_port() -> int:
    """Where the trunk of `stack` leads: whoever is called outside listens there."""
    return free_ports(1)[0]


@pytest.fixture(scope="session")
def stack(trunk_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything, started once; tests leave it as they found it (see tests/stack/conftest.py)."""
    plan = story_plan(tmp_path_factory.mktemp("plan"), trunk_port)
    settings = {
        "SWITCHBOARD_DIALPLAN": str(plan),
        "SWITCHBOARD_SIGN_INS_PER_MINUTE": "1000",
        "SWITCHBOARD_WIDGET_ORIGINS": f"http://localhost:{free_ports(1)[0]}",
    }
    with running_stack(settings) as found:
        yield found
