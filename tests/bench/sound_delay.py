"""What the SIP leg alone adds to the way of the sound, in each direction.

Real redis-server, livekit-server and `python -m sip.bridge`; the phone is a socket with a thread
for each direction, a speaker and an observer are participants of the room, all in this process.

- Phone → room: from the packet with a chirp being given to the phone's socket, until the observer
  has the chirp from the phone's track; less the room's own way.
- The room's own way: from the same chirp being given to the SDK by the speaker, until the observer
  has it from the speaker's track: Opus, livekit-server, WebRTC's jitter buffer, the SDK both times.
  Measured in the same calls; its median is taken off.
- Room → phone: from the observer having the speaker's chirp, as the leg does at the same moment,
  until the packet with it reaches the phone's socket.

So in the leg's figures are: waiting for its clock, its jitter buffer, codecs, echo judge, mixing
and sending, and what its copy of the SDK is slower than the observer's. Not in them: the 20 ms that
a phone needs to fill a packet, the room's own way, the phone's own buffer. A sample's time is that
at which its frame was handed over, plus its place in the frame. Each call begins at another phase
of the leg's clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from livekit import api, rtc

from sip.bridge.ffi.client import install
from sip.bridge.ffi.sound import Microphone, TrackSound
from sip.bridge.media.g711 import FRAME, FRAME_SECONDS, SAMPLE_RATE, Pcm, codec
from sip.bridge.media.packet import Packet, Sender, build, parse
from sip.bridge.room.options import options_for
from tests.bench._figures import Bound, count, head, load, show
from tests.sip.bridge.caller import Caller, Phones, phones
from tests.sip.bridge.descriptions import Local, describe
from tests.sip.bridge.world import World, new_world, number, room_of

CALLS = count("CALLS", 12)
CHIRPS = 20
SETTLE_S = 4.0
EVERY_FRAMES = 15
"""Between two chirps; both sides chirp in turn, so that nobody is taken for an echo."""
CHIRP_FRAMES = 3
LONGEST_S = 0.4
LIKE = 0.6
PCMU = codec(0)


def chirp(low: float, high: float) -> Pcm:
    """60 ms from one pitch to another."""
    at = np.arange(CHIRP_FRAMES * FRAME) / SAMPLE_RATE
    seconds = CHIRP_FRAMES * FRAME_SECONDS
    phase = 2 * np.pi * (low * at + (high - low) * at**2 / (2 * seconds))
    shape = np.minimum(1.0, np.minimum(at, seconds - at) * 200)
    return (9000 * shape * np.sin(phase)).astype(np.int16)


OF_PHONE, OF_ROOM = chirp(500, 2800), chirp(2600, 400)
HUM = (60 * np.sin(2 * np.pi * 50 / SAMPLE_RATE * np.arange(SAMPLE_RATE))).astype(np.int16)


@dataclass
class Sounding:
    """Frames with a chirp now and then, and when each of them was handed over."""

    chirp: Pcm
    first: int
    sent: list[float] = field(default_factory=list)

    def frame(self, index: int) -> Pcm:
        place = index % (2 * EVERY_FRAMES) - self.first
        if 0 <= place < CHIRP_FRAMES:
            return self.chirp[place * FRAME : (place + 1) * FRAME]
        return np.resize(HUM[(index % 50) * FRAME :], FRAME)

    def hand_over(self, index: int, now: float) -> None:
        if index % (2 * EVERY_FRAMES) == self.first:
            self.sent.append(now)


class Ear:
    """What came, frame by frame, with the time of each."""

    def __init__(self) -> None:
        self._frames: list[tuple[float, Pcm]] = []

    def hear(self, raw: bytes) -> None:
        self._frames.append((time.monotonic(), np.frombuffer(raw, np.int16)))

    def times(self, wanted: Pcm, sent: Sequence[float]) -> list[float | None]:
        """When each of the chirps that were sent then began here."""
        frames = list(self._frames)
        return [self._time(frames, wanted, at) for at in sent]

    def _time(self, frames: Sequence[tuple[float, Pcm]], wanted: Pcm, sent: float) -> float | None:
        near = [one for one in frames if sent - 0.02 <= one[0] <= sent + LONGEST_S + 0.1]
        if not near:
            return None
        heard = np.concatenate([pcm for _, pcm in near]).astype(float)
        if len(heard) < len(wanted):
            return None
        windows = np.lib.stride_tricks.sliding_window_view(heard, len(wanted))
        energy = np.sqrt((windows**2).sum(axis=1)) * np.sqrt((wanted.astype(float) ** 2).sum()) + 1
        likeness = windows @ wanted.astype(float) / energy
        best = int(likeness.argmax())
        if likeness[best] < LIKE:
            return None
        for at, pcm in near:
            if best < len(pcm):
                return at + best / SAMPLE_RATE
            best -= len(pcm)
        return None


class Telephone:
    """A socket that is spoken to and listened to by threads: nothing in this process delays it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.ear = Ear()
        self.says = Sounding(OF_PHONE, first=0)
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, to: tuple[str, int]) -> None:
        self._threads = [
            threading.Thread(target=self._speak, args=(to,)),
            threading.Thread(target=self._listen),
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.socket.close()

    def _speak(self, to: tuple[str, int]) -> None:
        sender = Sender()
        begun = time.monotonic() + random.random() * FRAME_SECONDS
        index = 0
        while not self._over.is_set():
            time.sleep(max(0.0, begun + index * FRAME_SECONDS - time.monotonic()))
            payload = PCMU.encode(self.says.frame(index))
            number, stamp = sender.sequence + index, sender.timestamp + index * FRAME
            packet = Packet(0, number & 0xFFFF, stamp & 0xFFFFFFFF, sender.ssrc, payload)
            now = time.monotonic()
            self.socket.sendto(build(packet), to)
            self.says.hand_over(index, now)
            index += 1

    def _listen(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                packet = parse(self.socket.recv(2048))
                if packet is not None and packet.payload_type == 0:
                    self.ear.hear(PCMU.decode(packet.payload).tobytes())


class Member:
    """A participant that speaks, or one that only listens."""

    def __init__(self) -> None:
        self.room = rtc.Room()
        self.ears: dict[str, Ear] = {}
        self.says = Sounding(OF_ROOM, first=EVERY_FRAMES)
        self._sounds: list[TrackSound] = []
        self._microphone: Microphone | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._speak)

    async def join(self, world: World, room: str, name: str) -> None:
        token = api.AccessToken(world.livekit.key, world.livekit.secret).with_identity(name)
        token = token.with_grants(api.VideoGrants(room_join=True, room=room))
        if name == "speaker":
            token = token.with_kind("agent").with_room_config(
                api.RoomConfiguration(empty_timeout=600, departure_timeout=600)
            )
        self.room.on("track_subscribed", self._hear)
        options = options_for(world.livekit.url)
        options.auto_subscribe = name != "speaker"
        await self.room.connect(world.livekit.url, token.to_jwt(), options)

    async def publish(self) -> None:
        self._microphone = Microphone()
        track = rtc.LocalAudioTrack.create_audio_track("voice", self._microphone.source)
        published = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False, red=False
        )
        published.audio_encoding.max_bitrate = 24_000
        await self.room.local_participant.publish_track(track, published)
        self._thread.start()

    def _hear(self, track: rtc.Track, _: rtc.TrackPublication, of: rtc.RemoteParticipant) -> None:
        if isinstance(track, rtc.RemoteAudioTrack):
            ear = self.ears.setdefault("speaker" if of.identity == "speaker" else "phone", Ear())
            self._sounds.append(TrackSound(track, ear.hear, SAMPLE_RATE))

    def _speak(self) -> None:
        assert self._microphone is not None
        begun, index = time.monotonic() + random.random() * FRAME_SECONDS, 0
        while not self._over.is_set():
            time.sleep(max(0.0, begun + index * FRAME_SECONDS - time.monotonic()))
            frame = self.says.frame(index)
            now = time.monotonic()
            self._microphone.push(frame)
            self.says.hand_over(index, now)
            index += 1

    async def leave(self) -> None:
        self._over.set()
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join)
        for sound in self._sounds:
            sound.close()
        await self.room.disconnect()
        if self._microphone is not None:
            await self._microphone.aclose()


@dataclass
class Found:
    """Milliseconds."""

    to_room: list[float] = field(default_factory=list)
    room: list[float] = field(default_factory=list)
    to_phone: list[float] = field(default_factory=list)


@contextlib.asynccontextmanager
async def members(world: World, room: str) -> AsyncIterator[tuple[Member, Member]]:
    speaker, observer = Member(), Member()
    await speaker.join(world, room, "speaker")
    await observer.join(world, room, "observer")
    await speaker.publish()
    try:
        yield speaker, observer
    finally:
        await observer.leave()
        await speaker.leave()


async def one_call(world: World, line: Phones, index: int, found: Found) -> None:
    called = number(index)
    telephone = Telephone()
    async with members(world, room_of(called)) as (speaker, observer):
        caller = Caller(line, world.sip, called, number=f"+49170{index:04d}")
        async with caller:
            local = Local("127.0.0.1", telephone.socket.getsockname()[1])
            code = await caller.dial(describe(local, payload_types=(0,)))
            assert code == 200, code
            line.clock.remove(caller)
            assert caller.remote is not None
            assert caller.remote.address is not None
            telephone.start(caller.remote.address)
            await asyncio.sleep(SETTLE_S)
            since = time.monotonic()
            await asyncio.sleep((CHIRPS + 1) * 2 * EVERY_FRAMES * FRAME_SECONDS)
            until = time.monotonic()
            await asyncio.sleep(2 * LONGEST_S)
            await asyncio.to_thread(telephone.close)
    said = [at for at in telephone.says.sent if since <= at < until][:CHIRPS]
    given = [at for at in speaker.says.sent if since <= at < until][:CHIRPS]
    _add(found.to_room, observer.ears["phone"].times(OF_PHONE, said), said)
    ways = observer.ears["speaker"].times(OF_ROOM, given)
    _add(found.room, ways, given)
    _add(found.to_phone, telephone.ear.times(OF_ROOM, given), ways)


def _add(found: list[float], came: Sequence[float | None], left: Sequence[float | None]) -> None:
    pairs = zip(came, left, strict=True)
    found += [1000 * (to - frm) for to, frm in pairs if to is not None and frm is not None]


async def measure(world: World) -> int:
    found = Found()
    async with phones() as line:
        for index in range(CALLS):
            await one_call(world, line, index, found)
            print(f"  call {index + 1} of {CALLS}; load {load()}", file=sys.stderr, flush=True)
    wanted = CALLS * CHIRPS
    room = float(np.median(found.room)) if found.room else float("nan")
    bound = Bound(aim=35)
    nothing = Bound()
    show("phone → room, with the room's way", found.to_room, nothing, wanted=wanted)
    show("the room's own way", found.room, nothing, wanted=wanted)
    alone = [whole - room for whole in found.to_room]
    met = show("phone → room, the leg alone", alone, bound, wanted=wanted)
    return (
        0 if show("room → phone, the leg alone", found.to_phone, bound, wanted=wanted) & met else 1
    )


def main() -> int:
    head(
        "What the SIP leg adds to the sound",
        "phone → room: packet sent → the observer has its sound, less the room's own way (median)",
        "room → phone: the observer has the sound → the packet with it is at the phone's socket",
        f"one call after the other, {CALLS} of them, each at another phase; clean line",
    )
    install()
    with new_world({"SWITCHBOARD_SIP_CALLS_PER_SECOND": "1000"}) as world, world.leg():
        return asyncio.run(measure(world))


if __name__ == "__main__":
    sys.exit(main())
