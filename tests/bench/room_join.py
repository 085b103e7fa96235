"""What it costs to join a room: LiveKit's SDK as it comes, and as the leg uses it.

Both join, publish the phone's track, subscribe to the agent's, wait until it can be heard, and
leave, in processes of their own that take turns, so that their ratio holds on a busy machine too.
The processor of programs that the SDK starts is counted, that of livekit-server is not.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass

import uvloop
from livekit import api, rtc

from sip.bridge.ffi.client import install
from sip.bridge.ffi.handles import keep_warm
from sip.bridge.media.g711 import SAMPLE_RATE
from sip.bridge.processes.media import NO_PROGRAMS
from sip.bridge.room.connection import BITRATE, RoomConnection
from sip.bridge.room.listener import Listener
from sip.bridge.room.options import options_for
from tests.bench._figures import Bound, count, head, load, show, spread
from tests.bench.bridge import AT_ONCE, Voice
from tests.stack.servers import LiveKit, Servers, short_folder

JOINS = count("JOINS", 30)
ROUNDS = count("ROUNDS", 3)
ROOMS = 6
WARM = 3
HEARD_SECONDS = 10.0
WAYS = ("sdk", "leg")
CPU = Bound(aim=20, of="p50", unit="ms")


@dataclass(frozen=True)
class Joins:
    """Milliseconds: `took` of each until it is in the room, `cpu` on average."""

    took: list[float]
    cpu: float


def token(key: str, secret: str, room: str, who: str) -> str:
    grants = api.VideoGrants(room_join=True, room=room)
    made = api.AccessToken(key, secret).with_identity(who).with_kind("sip").with_grants(grants)
    return made.to_jwt()


async def as_it_comes(url: str, with_token: str) -> float:
    room = rtc.Room()
    heard = asyncio.Event()
    room.on("track_subscribed", lambda track, publication, whose: heard.set())
    begun = time.monotonic()
    await room.connect(url, with_token, options_for(url))
    took = time.monotonic() - begun
    for participant in room.remote_participants.values():
        for publication in participant.track_publications.values():
            publication.set_subscribed(participant.identity == "agent")
    source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=0)
    track = rtc.LocalAudioTrack.create_audio_track("phone", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, red=False)
    options.dtx = False
    options.audio_encoding.max_bitrate = BITRATE[SAMPLE_RATE]
    await room.local_participant.publish_track(track, options)
    await asyncio.wait_for(heard.wait(), HEARD_SECONDS)
    await room.disconnect()
    await source.aclose()
    return took


async def as_the_leg(url: str, with_token: str) -> float:
    connection = RoomConnection(Listener())
    begun = time.monotonic()
    await connection.connect(url, with_token)
    took = time.monotonic() - begun
    until = time.monotonic() + HEARD_SECONDS
    while not connection.hears_somebody and time.monotonic() < until:
        await asyncio.sleep(0.01)
    await connection.aclose()
    return took


async def join_all(way: str, url: str, key: str, secret: str) -> Joins:
    """In the process that is measured."""
    one = as_it_comes
    if way == "leg":
        os.environ["PATH"] = NO_PROGRAMS
        install()
        keep_warm()
        one = as_the_leg
    gate = asyncio.Semaphore(AT_ONCE)

    async def join(index: int) -> float:
        async with gate:
            return await one(url, token(key, secret, f"room{index % ROOMS}", f"phone{index}"))

    for index in range(WARM):
        await join(1000 + index)
    before = spent()
    took = await asyncio.gather(*(join(index) for index in range(JOINS)))
    cpu = (spent() - before) / JOINS
    return Joins([1000 * seconds for seconds in took], 1000 * cpu)


def spent() -> float:
    """Seconds of processor of this process and the programs it has started."""
    used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextlib.asynccontextmanager
async def voices(livekit: LiveKit) -> AsyncIterator[None]:
    made = [Voice() for _ in range(ROOMS)]
    for index, voice in enumerate(made):
        await voice.join(livekit, f"room{index}")
    try:
        yield
    finally:
        for voice in made:
            await voice.leave()


async def measured(way: str, livekit: LiveKit) -> Joins:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.room_join", way),
        *(livekit.url, livekit.key, livekit.secret),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output
    return Joins(**json.loads(output.splitlines()[-1]))


async def compare(livekit: LiveKit) -> None:
    found: dict[str, list[Joins]] = {way: [] for way in WAYS}
    async with voices(livekit):
        for _ in range(ROUNDS):
            for way in WAYS:
                found[way].append(await measured(way, livekit))
    for way, name in zip(WAYS, ("the SDK as it comes", "the leg's use of it"), strict=True):
        took = [one for joins in found[way] for one in joins.took]
        print(f"{name:<34} join {spread(took)}, {AT_ONCE} at once; load {load()}")
    cpu = {way: [joins.cpu for joins in found[way]] for way in WAYS}
    show("CPU of a join, the SDK as it comes", cpu["sdk"], Bound(of="p50"), wanted=ROUNDS)
    show("CPU of a join, the leg's use of it", cpu["leg"], CPU, wanted=ROUNDS)
    ratios = [leg / sdk for leg, sdk in zip(cpu["leg"], cpu["sdk"], strict=True)]
    print(f"{'leg : SDK':<34} {', '.join(f'{one:.2f}' for one in ratios)}, round by round")


def main() -> int:
    if len(sys.argv) > 1:
        found = uvloop.run(join_all(*sys.argv[1:]))
        print(json.dumps(asdict(found)), flush=True)
        os._exit(0)  # as the leg's processes end: native threads outlive no interpreter
    head(
        "Joining a room",
        "CPU: user and system time of the process that joins, and of what it starts, a join",
        "join: the token is there → in the room",
    )
    install()
    with short_folder() as home:
        servers = Servers(home)
        with servers.redis(), servers.livekit() as livekit:
            asyncio.run(compare(livekit))
    return 0


if __name__ == "__main__":
    sys.exit(main())
