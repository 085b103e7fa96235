"""A livekit-server that starts after a death is the only one there."""

from __future__ import annotations

import redis

from gateway.local.processes.nodes import NODES, forgets_nodes
from tests.stack.servers import Servers, short_folder


async def test_a_dead_server_is_forgotten_and_nothing_else() -> None:
    """Where LiveKit keeps its servers is read from a real one that was stopped the hard way."""
    with short_folder() as home:
        servers = Servers(home)
        with servers.redis() as url, redis.Redis.from_url(url) as client:
            client.set("something", "else")
            with servers.livekit():
                assert client.hlen(NODES) == 1
            client.hset(NODES, "ND_dead", "killed before it could leave")

            await forgets_nodes(url)()

            assert client.hlen(NODES) == 0
            assert client.get("something") == b"else"
