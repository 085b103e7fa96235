"""Is livekit-server there at all? One connection tells, without joining anything."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

CONNECT_SECONDS = 1.0
PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}


async def listens(url: str) -> bool:
    """Whether somebody accepts connections at the address of `url`. A server that was killed is
    known at once by that, and one that only lost a connection is told apart from it."""
    where = urlsplit(url)
    port = where.port or PORTS.get(where.scheme, 443)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(where.hostname, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
