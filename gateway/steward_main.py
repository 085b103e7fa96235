"""`python -m gateway.steward_main`: the steward alone, for an installation without a console."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from livekit import api
from redis.asyncio import Redis

from dialplans.contracts.events import Journal
from gateway.settings import Settings
from gateway.steward import Steward
from gateway.steward_rooms import LiveKitRooms


@contextlib.asynccontextmanager
async def stewarding(settings: Settings) -> AsyncIterator[Steward]:
    """A steward at work for as long as the block lasts; the gateway's lifespan is such a block."""
    redis = Redis.from_url(settings.redis_url, socket_timeout=5.0)
    lk = api.LiveKitAPI(
        settings.livekit_url.replace("ws", "http", 1),
        settings.livekit_api_key,
        settings.livekit_api_secret.get_secret_value(),
    )
    socket = Path(settings.lease_socket) if settings.lease_socket else settings.home / "lease.sock"
    steward = Steward(LiveKitRooms(lk), redis, Journal(redis), socket)
    work = asyncio.create_task(steward.run(), name="steward")
    try:
        yield steward
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        await lk.aclose()
        await redis.aclose()


async def main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with stewarding(Settings.from_environment()):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
