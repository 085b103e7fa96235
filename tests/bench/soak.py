"""A thousand calls of SIPp at five a second, and what they leave behind: nothing.

Real redis-server, livekit-server and `python -m sip.bridge`; SIPp calls, somebody in each room
publishes a track, and SIPp hangs up after a second. Before and after the calls that are counted
the same is looked at: memory, open files, bound media ports, keys of Redis, rooms, and whether each
call that began in the journal has ended there.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis.asyncio

from dialplans.contracts.events import STREAM, Ended, Started
from sip.bridge.ffi.client import install
from tests.bench._figures import Bound, count, head, load, show_value
from tests.bench._machine import cpu_seconds, tree
from tests.sip.bridge.soak.sipp import megabytes, sipp, staffed
from tests.sip.bridge.world import World, new_world
from tests.stack.free_ports import bound_udp, free_udp_range

CALLS = count("CALLS", 1000)
RATE = count("RATE", 5)
TALK_MS = 1000
LONGEST_S = count("SECONDS", 290)
"""A machine that others use as well takes longer; what is not done by then has failed."""

WARM = 50
"""Before memory is looked at for the first time."""

GROWTH_MB = 40
OPEN_FILES = 4
"""More than before: connections to servers that were idle come and go."""


@dataclass(frozen=True)
class State:
    """What a call takes, and has to give back."""

    memory_mb: float
    files: int
    ports: int
    keys: frozenset[str]
    tasks: float
    transactions: float


async def state(world: World) -> State:
    processes = tree(world.process.pid)
    async with redis.asyncio.Redis.from_url(world.livekit.redis_url) as client:
        keys = [key.decode() async for key in client.scan_iter()]
    return State(
        megabytes(world),
        sum(_files(one) for one in processes),
        len(bound_udp(*world.rtp)),
        frozenset(key for key in keys if key != STREAM),
        world.metric("tasks"),
        float(str(world.health().get("transactions", 0))),
    )


def _files(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.NoSuchProcess):
        return int(process.num_fds())
    return 0


async def calm(world: World) -> None:
    await world.nothing_left()
    await asyncio.sleep(34)  # what is repeated for 64·T1 is forgotten by then


async def ghosts(world: World) -> tuple[int, Counter[str]]:
    """Calls that have begun and not ended, and what the others ended of."""
    events = await world.events()
    ended = {event.call: event.cause for event in events if isinstance(event, Ended)}
    begun = {event.call for event in events if isinstance(event, Started)}
    return len(begun - ended.keys()), Counter(ended.values())


async def measure(world: World, folder: Path) -> int:
    async with staffed(world):
        failed, output = await sipp(world, folder, WARM, rate=RATE, talk_ms=TALK_MS, longest_s=120)
        if failed:
            print(output[-3000:])
            return 1
        await world.nothing_left()
        before, spent = await state(world), sum(cpu_seconds(tree(world.process.pid)).values())
        began = time.monotonic()
        failed, output = await sipp(
            world, folder, CALLS, rate=RATE, talk_ms=TALK_MS, longest_s=LONGEST_S
        )
        took = time.monotonic() - began
        cpu = sum(cpu_seconds(tree(world.process.pid)).values()) - spent
        during = megabytes(world)
        await calm(world)
        after = await state(world)
    left, causes = await ghosts(world)
    if failed:
        print(output[-3000:])
    print(f"{CALLS} calls in {took:.0f} s, {CALLS / took:.1f}/s; load {load()}")
    print(
        f"  the leg used {1000 * cpu / CALLS:.0f} ms of the processor a call; ended: {dict(causes)}"
    )
    print(
        f"  memory {before.memory_mb:.0f} MB before, {during:.0f} at the end,"
        f" {after.memory_mb:.0f} after; open files {before.files} and {after.files};"
        f" tasks {before.tasks:.0f} and {after.tasks:.0f}"
    )
    new_keys = after.keys - before.keys
    print(f"  keys of Redis: {len(before.keys)} and {len(after.keys)}; new {sorted(new_keys)[:10]}")
    nothing = Bound(0, 0, of="", unit="")
    good = [
        show_value("SIPp: exit status, 0 is no failure", failed, nothing),
        show_value(
            "calls that did not end as meant", WARM + CALLS - causes["caller_hung_up"], nothing
        ),
        show_value("live ghosts", left, nothing),
        show_value("media ports not given back", after.ports, nothing),
        show_value("new keys of Redis", len(new_keys), nothing),
        show_value(
            "memory more than before",
            after.memory_mb - before.memory_mb,
            Bound(GROWTH_MB, 10, of="", unit="MB"),
        ),
        show_value(
            "open files more", after.files - before.files, Bound(OPEN_FILES, 0, of="", unit="")
        ),
        show_value("exceptions in the log", world.log.read_text().count("Traceback"), nothing),
    ]
    return 0 if all(good) else 1


def main() -> int:
    head(
        "A soak of the SIP leg",
        f"n={CALLS} calls of {TALK_MS} ms at {RATE}/s, after {WARM} that warm up",
    )
    install()
    with new_world() as world, tempfile.TemporaryDirectory() as folder:
        world.rtp = free_udp_range(400)
        world.env["SWITCHBOARD_RTP_PORTS"] = "{}-{}".format(*world.rtp)
        world.env["SWITCHBOARD_SIP_RINGING_TIMEOUT"] = "60"
        with world.leg():
            return asyncio.run(measure(world, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
