"""The SIP leg alone: CPU of a call, calls a second, and how long a phone waits for its 200.

Real redis-server, livekit-server and `python -m sip.bridge`; phones and agents are in this process.
A call's CPU is the leg's own (user and system), while each of the calls carries speech-like sound
both ways. Setup runs from sending the INVITE to receiving the 200, into a room where the agent's
track is published already, so that only the leg and livekit-server are in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator

import numpy as np
from livekit import api, rtc

from sip.bridge.ffi.client import install
from sip.bridge.ffi.sound import Microphone
from sip.bridge.media.clock import Clock
from sip.bridge.room.options import options_for
from tests.bench._figures import head, load
from tests.bench._machine import cpu_seconds, memory_mb, tree
from tests.sip.bridge.caller import Caller, Phones, phones, tone
from tests.sip.bridge.world import World, new_world, number, room_of
from tests.stack.servers import LiveKit

CALLS = 10
SECONDS = 20.0
SETUPS = 60
AT_ONCE = 6
MUST_CPU = 7.0
MUST_RATE = 5.0


class Voice:
    """An agent's track without an agent: a tone from one clock for all rooms."""

    def __init__(self) -> None:
        self.room = rtc.Room()
        self.microphone: Microphone | None = None
        self._frames = tone(440)
        self._next = 0

    async def join(self, livekit: LiveKit, room: str) -> None:
        grants = api.VideoGrants(room_join=True, room=room)
        token = (
            api.AccessToken(livekit.key, livekit.secret)
            .with_identity("agent")
            .with_kind("agent")
            .with_grants(grants)
            .with_room_config(api.RoomConfiguration(empty_timeout=600, departure_timeout=600))
        )
        url = livekit.url
        await self.room.connect(url, token.to_jwt(), options_for(url))
        self.microphone = Microphone()
        track = rtc.LocalAudioTrack.create_audio_track("voice", self.microphone.source)
        published = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, published)

    def tick(self) -> None:
        assert self.microphone is not None
        self.microphone.push(self._frames[self._next % len(self._frames)])
        self._next += 1

    async def leave(self) -> None:
        await self.room.disconnect()
        if self.microphone is not None:
            await self.microphone.aclose()


@contextlib.asynccontextmanager
async def voices(world: World, count: int) -> AsyncIterator[list[Voice]]:
    made = [Voice() for _ in range(count)]
    for index, voice in enumerate(made):
        await voice.join(world.livekit, room_of(number(index)))
    try:
        yield made
    finally:
        for voice in made:
            await voice.leave()


def spent_by(world: World) -> float:
    """Seconds of processor that the leg's processes have used."""
    return sum(cpu_seconds(tree(world.process.pid)).values())


def percentiles(samples: list[float]) -> str:
    p50, p95, p99 = np.percentile(samples, [50, 95, 99])
    return f"n={len(samples)} p50={p50:.0f} p95={p95:.0f} p99={p99:.0f} ms"


async def measure_cpu(world: World, line: Phones) -> float:
    clock = Clock()
    async with voices(world, CALLS) as agents, contextlib.AsyncExitStack() as calls:
        for agent in agents:
            clock.add(agent, agent.tick)
        callers = []
        for index in range(CALLS):
            caller = Caller(line, world.sip, number(index), number=f"+49170{index:04d}")
            callers.append(await calls.enter_async_context(caller))
            caller.playing = tone(1000)
            code = await caller.dial()
            assert code == 200, code
        await asyncio.sleep(3)
        packets = [caller.stream.reception.received for caller in callers]
        begun, spent = time.monotonic(), spent_by(world)
        await asyncio.sleep(SECONDS)
        took = time.monotonic() - begun
        share = (spent_by(world) - spent) / took * 100 / CALLS
        rate = min(
            (caller.stream.reception.received - before) / took
            for caller, before in zip(callers, packets, strict=True)
        )
        heard = min(caller.heard_tone(440) for caller in callers)
        memory = memory_mb(tree(world.process.pid))
        await clock.aclose()
    print(
        f"cpu a call    {share:.1f} % of a core, {CALLS} calls, {SECONDS:.0f} s, PCMU 20 ms"
        f" (must ≤ {MUST_CPU:g}, aim 4); slowest phone got {rate:.1f} packets/s,"
        f" tone {heard:.0%} pure; leg {memory:.0f} MB"
    )
    return share


async def measure_setups(world: World, line: Phones) -> float:
    waits: list[float] = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(index: int) -> None:
        async with gate:
            called = number(index % (SETUPS // 2))
            async with Caller(line, world.sip, called, number=f"+49171{index:04d}") as caller:
                code = await caller.dial()
                assert code == 200, code
                waits.append(caller.took * 1000)

    async with voices(world, SETUPS // 2):
        for index in range(5):
            await one(index)
        waits.clear()
        for index in range(SETUPS // 2):
            await one(index)
        print(f"INVITE→200    one after the other: {percentiles(waits)} (must ≤ 800, aim 400 p95)")
        waits.clear()
        begun, spent = time.monotonic(), spent_by(world)
        await asyncio.gather(*(one(index) for index in range(SETUPS)))
        rate = SETUPS / (time.monotonic() - begun)
        each = (spent_by(world) - spent) / SETUPS * 1000
    print(f"INVITE→200    {AT_ONCE} at once: {percentiles(waits)}")
    print(
        f"setups        {rate:.1f} calls/s with hang-up (must ≥ {MUST_RATE:g}, aim 10);"
        f" {each:.0f} ms of the leg's CPU each"
    )
    return rate


async def measure(world: World) -> int:
    async with phones() as line:
        share = await measure_cpu(world, line)
        rate = await measure_setups(world, line)
    print(f"load          {load()} at the end")
    return 0 if share <= MUST_CPU and rate >= MUST_RATE else 1


def main() -> int:
    head(
        "The SIP leg alone",
        "CPU: user and system time of the leg's process while all calls talk",
        "INVITE is sent → 200 OK received, agents' tracks published before",
    )
    install()
    with new_world({"SWITCHBOARD_SIP_CALLS_PER_SECOND": "1000"}) as world, world.leg():
        return asyncio.run(measure(world))


if __name__ == "__main__":
    sys.exit(main())
