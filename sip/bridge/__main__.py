"""`python -m sip.bridge`: the SIP leg as a process, set up by its environment."""

from __future__ import annotations

import asyncio
import signal
import sys

import structlog
import uvloop
from pydantic import ValidationError

from sip.bridge.bridge import Bridge
from sip.bridge.runtime.logs import set_up_logs
from sip.bridge.runtime.settings import Settings

log = structlog.get_logger()


async def _serve(settings: Settings) -> int:
    """SIGTERM waits for the calls that are up, a second one or SIGINT ends them."""
    bridge = Bridge(settings)
    stop, now = asyncio.Event(), asyncio.Event()

    def on_term() -> None:
        (now if stop.is_set() else stop).set()

    def on_int() -> None:
        stop.set()
        now.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, on_term)
    loop.add_signal_handler(signal.SIGINT, on_int)
    try:
        await bridge.start()
    except OSError as error:
        log.error("bridge.not_started", error=str(error))
        return 1
    await stop.wait()
    draining = asyncio.ensure_future(bridge.drain())
    at_once = asyncio.ensure_future(now.wait())
    await asyncio.wait({draining, at_once}, return_when=asyncio.FIRST_COMPLETED)
    draining.cancel()
    at_once.cancel()
    await bridge.aclose()
    return 0


def main() -> int:
    set_up_logs()
    try:
        settings = Settings.model_validate({})
    except ValidationError as error:
        for problem in error.errors():
            print(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}", file=sys.stderr)
        return 2
    return uvloop.run(_serve(settings))


if __name__ == "__main__":
    sys.exit(main())
