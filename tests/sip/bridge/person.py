"""A participant in the room that a test plays, as an agent or as a person would be."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import numpy as np
from livekit import api, rtc

from dialplans.process.background import end
from sip.bridge.ffi.handles import release
from sip.bridge.media.g711 import Pcm
from sip.bridge.room.options import options_for
from tests.sip.bridge.caller import purity
from tests.stack.servers import LiveKit

RATE = 16_000


class Person:
    """Publishes a tone or silence and keeps what it hears of the phone."""

    def __init__(self, livekit: LiveKit, room: str, identity: str, kind: str) -> None:
        self._livekit = livekit
        self._where = (room, identity, kind)
        self.room = rtc.Room()
        self.heard: list[Pcm] = []
        self.keys: list[str] = []
        self.left: list[tuple[str, int]] = []
        self.statuses: list[str] = []
        self.hz: float = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._source: rtc.AudioSource | None = None

    async def join(self) -> None:
        name, identity, kind = self._where
        self.room.on("sip_dtmf_received", lambda key: self.keys.append(key.digit))
        self.room.on("track_subscribed", lambda track, pub, who: self._spawn(self._hear(track)))
        self.room.on("participant_disconnected", self._on_left)
        self.room.on("participant_connected", lambda who: self._on_attributes(who.attributes, who))
        self.room.on("participant_attributes_changed", self._on_attributes)
        grants = api.VideoGrants(room_join=True, room=name, can_update_own_metadata=True)
        token = (
            api.AccessToken(self._livekit.key, self._livekit.secret)
            .with_identity(identity)
            .with_kind(kind)
            .with_grants(grants)
            .with_room_config(api.RoomConfiguration(empty_timeout=3, departure_timeout=1))
        )
        options = options_for(self._livekit.url)
        options.auto_subscribe = True
        await self.room.connect(self._livekit.url, token.to_jwt(), options)

    async def publish(self) -> None:
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=0)
        track = rtc.LocalAudioTrack.create_audio_track("voice", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        self._spawn(self._speak(self._source))

    async def leave(self) -> None:
        await end(*self._tasks)
        await self.room.disconnect()
        release(self.room)
        if self._source is not None:
            await self._source.aclose()

    @property
    def phone(self) -> rtc.RemoteParticipant | None:
        """The participant of kind SIP."""
        sip = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
        found = [p for p in self.room.remote_participants.values() if p.kind == sip]
        return found[0] if found else None

    def heard_tone(self, hz: float, frames: int = 80) -> float:
        return purity(np.concatenate(self.heard[-frames:]), hz, RATE) if self.heard else 0.0

    async def press(self, digit: str) -> None:
        code = "0123456789*#ABCD".index(digit)
        await self.room.local_participant.publish_dtmf(code=code, digit=digit)

    def _on_left(self, who: rtc.RemoteParticipant) -> None:
        self.left.append((who.identity, who.disconnect_reason or 0))

    def _on_attributes(self, changed: dict[str, str], who: rtc.Participant) -> None:
        if "sip.callStatus" in changed:
            self.statuses.append(changed["sip.callStatus"])

    def _spawn(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream.from_track(
            track=track, sample_rate=RATE, num_channels=1, frame_size_ms=10
        )
        try:
            async for event in stream:
                self.heard.append(np.frombuffer(event.frame.data, np.int16).copy())
        finally:
            await stream.aclose()

    async def _speak(self, source: rtc.AudioSource) -> None:
        due, sample = time.monotonic(), 0
        while True:
            wave = np.sin(2 * np.pi * self.hz * (np.arange(RATE // 100) + sample) / RATE)
            sample += RATE // 100
            data = (wave * 12000).astype(np.int16).tobytes()
            await source.capture_frame(rtc.AudioFrame(data, RATE, 1, RATE // 100))
            due += 0.01
            await asyncio.sleep(max(0.0, due - time.monotonic()))


@contextlib.asynccontextmanager
async def person(
    livekit: LiveKit, room: str, *, identity: str = "agent", kind: str = "agent", voice: bool = True
) -> AsyncIterator[Person]:
    made = Person(livekit, room, identity, kind)
    await made.join()
    if voice:
        await made.publish()
    try:
        yield made
    finally:
        await made.leave()


async def until(condition: object, within: float = 20.0) -> None:
    """Poll a condition; fails with what it was."""
    assert callable(condition)
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        await asyncio.sleep(0.02)
