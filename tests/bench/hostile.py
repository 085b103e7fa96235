"""A call goes on while everything that may come to a leg comes to it, changed in every way.

Real redis-server, livekit-server and `python -m sip.bridge`; an agent's tone is on the line. First
mutants of SIP by UDP and on bad connections, then mutants of RTP, RTCP, SRTP, STUN and DTLS to the
call's own media ports. The same seed gives the same mutants. A packet's time is when the kernel got
it, so that neither the phone nor who measures is in the figure.

Before that, without servers: how much of the code such mutants reach, counted once. `alone` as an
argument sends all of SIP's to the leg's signalling in this process, without any servers.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from sip.bridge.ffi.client import install
from tests.bench._figures import Bound, count, head, load, show_value
from tests.bench._machine import cpu_seconds, memory_mb, tree
from tests.bench._reached import Reached
from tests.bench.signalling_flood import Ear, on_the_phone
from tests.fakes.virtual_time import VirtualTimeLoop
from tests.sip.bridge.caller import phones
from tests.sip.bridge.hostile.answering import Answering, answering, pour, sender
from tests.sip.bridge.hostile.mutation import SEED, mutants
from tests.sip.bridge.hostile.streams import streams
from tests.sip.bridge.hostile.test_streams import spoken
from tests.sip.bridge.world import World, new_world

DATAGRAMS = count("DATAGRAMS", 100_000)
STREAMS = count("STREAMS", 10_000)
MEDIA = count("MEDIA", 100_000)
TRACED = count("TRACED", 4_000)
SEED_OF_RUN = count("SEED", SEED)
LOOK_S = 2.0
MUST_SHARE = 0.995
GROWTH_MB = 40
FORGOTTEN_S = 34
"""64·T1, for which transactions are remembered, and a little."""

ROOMS = ("signalling", "transport", "sdp", "registrar", "trace")


@dataclass
class Sound:
    packets: int = 0
    longest_ms: float = 0.0
    last: float | None = None

    def note(self, times: list[float]) -> None:
        every = times if self.last is None else [self.last, *times]
        gaps = [1000 * (b - a) for a, b in itertools.pairwise(every)]
        self.longest_ms = max(self.longest_ms, *gaps, 0.0)
        self.packets += len(times)
        self.last = every[-1] if every else None


async def reached() -> None:
    """Of the lines that a stranger's bytes may meet before there is a room."""
    root = Path(__file__).parents[2] / "sip/bridge"
    with Reached([root / room for room in ROOMS]) as lines:
        async with answering() as leg:
            with sender() as through:
                port = through.getsockname()[1]
                every = mutants(TRACED, SEED_OF_RUN, port=port, calls=leg.calls)
                await pour(leg, every, through, lambda: _read_off(through))
    assert not leg.problems, leg.problems[:3]
    print(
        f"{TRACED} mutants reach {lines.share:.0%} of the lines of functions in {', '.join(ROOMS)}"
    )


def _read_off(through: object) -> None:
    try:
        while through.recv(65535):  # type: ignore[attr-defined]
            pass
    except BlockingIOError:
        return


async def under(
    world: World, ear: Ear, kind: str, to: tuple[str, int], many: int, rate: int
) -> bool:
    """One kind of mutants. True if the call has heard nothing of it."""
    names = ("received", "malformed", "failed")
    before = {name: world.metric(name) for name in names}
    spent, sound = sum(cpu_seconds(tree(world.process.pid)).values()), Sound()
    attack = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench._hostile", kind, "{}:{}".format(*to),
        str(many), str(rate), str(SEED_OF_RUN),
        stdout=asyncio.subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    ear.times()
    began = time.monotonic()
    over = asyncio.create_task(attack.communicate())
    while not over.done():
        await asyncio.wait([over], timeout=LOOK_S)
        sound.note(ear.times())
    took = time.monotonic() - began
    sent = int((await over)[0] or 0)
    told = {name: world.metric(name) - before[name] for name in names}
    cpu = (sum(cpu_seconds(tree(world.process.pid)).values()) - spent) / took
    share = sound.packets / (50 * took)
    print(
        f"{kind}: {sent:,} in {took:.0f} s; read {told['received']:,.0f}, of them malformed"
        f" {told['malformed']:,.0f}; leg {cpu:.0%} of a core; load {load()}\n"
        f"  the call: {sound.packets} of {50 * took:.0f} packets,"
        f" longest gap {sound.longest_ms:.0f} ms",
        flush=True,
    )
    failed = show_value("messages that an error of ours met", told["failed"], Bound(0, 0, "", ""))
    return failed and share >= MUST_SHARE and sent == many


async def left_behind(world: World) -> int:
    """After a while, which the rooms of calls take that nobody has answered."""
    left = 0
    for _ in range(60):
        health = world.health()
        left = sum(int(str(health[name])) for name in ("calls", "dialogs", "rtp_ports"))
        if not left:
            break
        await asyncio.sleep(1)
    return left


async def measure(world: World) -> int:
    await reached()
    good: list[bool] = []
    async with phones() as line, on_the_phone(world, line) as ear:
        warm = await under(world, ear, "datagrams", world.sip, DATAGRAMS // 20, 800)
        await asyncio.sleep(FORGOTTEN_S)
        processes = {one.pid for one in tree(world.process.pid)}
        before = memory_mb(tree(world.process.pid))
        good += [
            warm,
            await under(world, ear, "datagrams", world.sip, DATAGRAMS, 1000),
            await under(world, ear, "streams", world.sip, STREAMS, 150),
            await under(world, ear, "media", ear.leg, MEDIA, 3000),
            await under(world, ear, "media", (ear.leg[0], ear.leg[1] + 1), MEDIA // 10, 3000),
        ]
        during = memory_mb(tree(world.process.pid))
        await asyncio.sleep(FORGOTTEN_S)
        after = memory_mb(tree(world.process.pid))
        ended = processes - {one.pid for one in tree(world.process.pid)}
    left = await left_behind(world)
    print(f"memory {before:.0f} MB after a twentieth, {during:.0f} at the end, {after:.0f} later")
    nothing = Bound(0, 0, "", "")
    good += [
        show_value(
            "memory more than after a twentieth", after - before, Bound(GROWTH_MB, 10, "", "MB")
        ),
        show_value("calls, dialogs and media ports left", left, nothing),
        show_value("processes that have ended", len(ended), nothing),
        show_value("exceptions in the log", world.log.read_text().count("Traceback"), nothing),
    ]
    return 0 if all(good) else 1


async def alone() -> int:
    """Half of the datagrams are within calls that are up, as a carrier's would be."""
    us = [psutil.Process()]
    async with answering() as leg:
        with sender() as through:
            port = through.getsockname()[1]
            for many in (DATAGRAMS // 20, DATAGRAMS):
                before, began = memory_mb(us), time.monotonic()
                every = mutants(many, SEED_OF_RUN + many, port=port, calls=leg.calls)
                read = await pour(leg, every, through, lambda: _read_off(through))
                took = time.monotonic() - began
                await _forget(leg)
                print(f"{many:,} datagrams: {read:,} read in {took:.0f} s; load {load()}")
        began = time.monotonic()
        for stream in streams(STREAMS, SEED_OF_RUN):
            await spoken(leg, stream)
        took = time.monotonic() - began
        print(f"{STREAMS:,} streams, one after the other, in {took:.0f} s; load {load()}")
        await _forget(leg)
        after, kept = memory_mb(us), leg.endpoint.transactions + leg.endpoint.dialogs
        failed, open_ = leg.endpoint.counters.failed, leg.endpoint.transport.connections
    nothing = Bound(0, 0, "", "")
    good = [
        show_value("messages that an error of ours met", failed, nothing),
        show_value("other errors", len(leg.problems), nothing),
        show_value("transactions, dialogs, connections kept", kept + open_, nothing),
        show_value(
            "memory more than after a twentieth", after - before, Bound(GROWTH_MB, 10, "", "MB")
        ),
    ]
    return 0 if all(good) else 1


async def _forget(leg: Answering) -> None:
    """All calls end, and so much time goes by that a trunk's connection is idle for too long."""
    for dialog in leg.dialogs:
        dialog.close()
    leg.dialogs.clear()
    await asyncio.sleep(1000)
    gc.collect()


def main() -> int:
    if sys.argv[1:] == ["alone"]:
        head("Signalling among mutants", f"{DATAGRAMS} datagrams, {STREAMS} streams")
        with asyncio.Runner(loop_factory=partial(VirtualTimeLoop, alone=True)) as runner:
            return runner.run(alone())
    head(
        "A leg among mutants",
        f"{DATAGRAMS} datagrams, {STREAMS} streams, {MEDIA} to media ports; seed {SEED_OF_RUN}",
    )
    install()
    with new_world() as world, world.leg():
        return asyncio.run(measure(world))


if __name__ == "__main__":
    sys.exit(main())
