"""`python -m sip`: LiveKit follows the dialplan for as long as this runs.

While both agree it accepts connections on `plan.sock` in SWITCHBOARD_HOME; that is how the
supervisor sees that calls can be routed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from redis.asyncio import Redis

from dialplans.process.background import end
from sip.client import connect
from sip.follow import Follower, rendering_of
from sip.leg_in_use import tell_of_livekit_sip

LOOK_S = 0.5


async def main() -> None:
    env = os.environ
    home = Path(env.get("SWITCHBOARD_HOME", ".switchboard"))
    file = Path(env.get("SWITCHBOARD_DIALPLAN", "dialplans/main.yaml"))
    url = env.get("SWITCHBOARD_REDIS_URL", "redis://127.0.0.1:6389/0")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Redis.from_url(url) as redis, connect(env) as objects:
        follower = Follower(redis, objects, rendering_of(env))
        telling = asyncio.create_task(_tell(follower.in_step, home / "plan.sock"))
        leg = asyncio.create_task(tell_of_livekit_sip(redis, env))
        try:
            await follower.run(file, stop)
        finally:
            await end(telling, leg)


async def _tell(in_step: asyncio.Event, path: Path) -> None:
    while True:
        await in_step.wait()
        server = await asyncio.start_unix_server(lambda _, writer: writer.close(), path=str(path))
        async with server:
            while in_step.is_set():  # noqa: ASYNC110 (an Event cannot be awaited to be cleared)
                await asyncio.sleep(LOOK_S)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
