"""Is it ready? One question for each kind of server, asked over its own front door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from gateway.local.address import Address

Probe = Callable[[], Coroutine[Any, Any, bool]]
PATIENCE_S = 3.0


BUSY = 429
"""How a SIP leg, LiveKit's or ours, says that it is well and takes no more calls for now."""


def answers_http(address: Address, path: str = "/", *, but_not_busy: bool = False) -> Probe:
    """Ready means status 200, or that it is only busy; 503 says that something is missing."""

    async def probe() -> bool:
        request = f"GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n".encode()
        reply = await _ask_tcp(address, request)
        status = reply.split(b"\r\n", 1)[0].split(b" ")[1:2]
        return status == [b"200"] or (status == [str(BUSY).encode()] and not but_not_busy)

    return _patient(probe)


def answers_redis(address: Address, password: str) -> Probe:
    """PONG after AUTH; a server that still loads its file says LOADING and is not ready."""

    async def probe() -> bool:
        request = f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode()
        return b"+PONG" in await _ask_tcp(address, request)

    return _patient(probe)


def accepts_unix(path: Path) -> Probe:
    async def probe() -> bool:
        _, writer = await asyncio.open_unix_connection(str(path))
        writer.close()
        await writer.wait_closed()
        return True

    return _patient(probe)


async def _ask_tcp(address: Address, request: bytes) -> bytes:
    target = address.dialled()
    reader, writer = await asyncio.open_connection(target.host, target.port)
    try:
        writer.write(request)
        return await reader.read(4096)
    finally:
        writer.close()


def _patient(probe: Probe) -> Probe:
    async def patient() -> bool:
        try:
            return await asyncio.wait_for(probe(), PATIENCE_S)
        except (OSError, TimeoutError):
            return False

    return patient
