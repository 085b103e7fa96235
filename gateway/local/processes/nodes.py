"""A livekit-server that was killed leaves itself in Redis, and its successor would ask it about the
rooms it had, for seconds, before it takes them over."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import redis.asyncio

NODES = "nodes"
"""LiveKit's hash of the servers that share a Redis (livekit-server, pkg/routing/redisrouter.go)."""
PATIENCE_S = 2.0


def forgets_nodes(redis_url: str) -> Callable[[], Coroutine[Any, Any, None]]:
    """Only for a server that has its Redis for itself, as the one machine's has: before it starts
    no other server can be alive."""

    async def forget() -> None:
        async with redis.asyncio.Redis.from_url(redis_url, socket_timeout=PATIENCE_S) as client:
            await client.delete(NODES)

    return forget
