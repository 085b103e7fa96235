"""An account is registered by another leg when the one that kept it is killed.

Real redis-server, livekit-server and two legs; the registrar is the test's. All processes of the
leg that leads are killed at once.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.bench._figures import Bound, count, head, show
from tests.sip.bridge.legs.two_legs import SECRETS, Legs, contacts, kill_all, two_legs
from tests.sip.bridge.person import until
from tests.sip.bridge.world import World, new_world

MUST_MS = 5000.0


async def once(servers: World, folder: Path) -> float:
    """Milliseconds."""
    async with two_legs(servers, folder) as legs:
        kill_all(legs.first)
        since = time.monotonic()
        await until(lambda: registered(legs))
        return (time.monotonic() - since) * 1000


def registered(legs: Legs) -> bool:
    return "600" in contacts(legs.box, legs.second)


async def measure(servers: World) -> int:
    tries = count("KILLS", 6)
    with tempfile.TemporaryDirectory() as folder:
        found = [await once(servers, Path(folder)) for _ in range(tries)]
    bound = Bound(must=MUST_MS)
    return 0 if show("leg killed -> registered again", found, bound, wanted=tries) else 1


def main() -> int:
    head("Who registers an account", "starts at the kill, stops when the registrar has been asked")
    with new_world(SECRETS) as servers:
        return asyncio.run(measure(servers))


if __name__ == "__main__":
    sys.exit(main())
