"""Signalling as a process, which its parent forks: SIP, admission, the calls and their records."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import structlog
import uvloop

from sip.bridge.bridge import Bridge
from sip.bridge.legs.presence import NameTakenError
from sip.bridge.processes.lifeline import NOT_STARTED, until_the_end
from sip.bridge.runtime.settings import Settings
from sip.bridge.transport.sockets import Sockets
from sip.bridge.workers.pool import Pool

log = structlog.get_logger()


def run(settings: Settings, sockets: Sockets, workers: Path, count: int, lifeline: int) -> int:
    """Until it is told to end or its parent is gone. `workers` is the folder that the media workers
    listen in."""
    return uvloop.run(_serve(settings, sockets, Pool(workers, count), lifeline))


async def _serve(settings: Settings, sockets: Sockets, pool: Pool, lifeline: int) -> int:
    """SIGTERM waits for the calls that are up, a second one or SIGINT ends them."""
    bridge = Bridge(settings, pool)
    stop, now = asyncio.Event(), asyncio.Event()

    def on_term() -> None:
        (now if stop.is_set() else stop).set()

    def on_int() -> None:
        stop.set()
        now.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, on_term)
    loop.add_signal_handler(signal.SIGINT, on_int)
    watching = asyncio.create_task(until_the_end(lifeline))
    watching.add_done_callback(lambda gone: on_int())
    try:
        await bridge.start(sockets)
    except (OSError, NameTakenError) as error:
        log.error("bridge.not_started", error=str(error))
        return NOT_STARTED
    await stop.wait()
    draining = asyncio.ensure_future(bridge.drain())
    at_once = asyncio.ensure_future(now.wait())
    await asyncio.wait({draining, at_once}, return_when=asyncio.FIRST_COMPLETED)
    draining.cancel()
    at_once.cancel()
    watching.cancel()
    await bridge.aclose()
    return 0
