"""Those who take part without a browser: an agent at a desk, and an ear in a room."""

from __future__ import annotations

import asyncio
import contextlib
import math
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import httpx
import numpy as np
from livekit import api, rtc

from dialplans.process.background import end
from sip.phone.audio import Samples, Track
from tests.console.accounts import PASSWORD
from tests.console.sound.tones import AGENT, tone
from tests.stack.running import Stack

RATE = 16_000
PERSONA = "agent-AJ_"
"""How LiveKit begins the identities of jobs; those of people at desks are our own."""


class Piece(NamedTuple):
    """Some sound, and when it began if it was not kept waiting on its way to us."""

    began: float
    samples: Samples


def on_the_clock(pieces: list[Piece]) -> tuple[float, Track]:
    """When it begins, and all of it. Sound comes at the pace at which it is made, but a process
    that had no processor for a while gets all of it at once. What comes later bounds when a piece
    was made: before the next one, by its own length. A real gap stays a gap."""
    starts: list[float] = []
    latest = math.inf
    for piece in reversed(pieces):
        latest = min(piece.began, latest - len(piece.samples) / RATE)
        starts.append(latest)
    track = Track(RATE, starts[-1])
    for start, piece in zip(reversed(starts), pieces, strict=True):
        track.add(piece.samples, start)
    return starts[-1], track


class RoomEar:
    """Everything that can be heard in a room, on the clock, each voice on a track of its own."""

    def __init__(self, room: rtc.Room) -> None:
        self._tracks: dict[str, list[Piece]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        room.on("track_subscribed", self._subscribed)
        # The server sends the next voice where the last one was, and a stream of the last one would
        # go on with it: heard twice, a little apart, a tone may be as good as gone.
        room.on("track_unsubscribed", lambda track, _, who: self._end(track.sid))

    def _subscribed(
        self, track: rtc.Track, publication: rtc.TrackPublication, who: rtc.RemoteParticipant
    ) -> None:
        if isinstance(track, rtc.RemoteAudioTrack):
            # An ear whose line broke subscribes anew, and what it heard before has its own clock.
            self._end(track.sid)
            key = f"{who.identity} {track.sid} {len(self._tracks)}"
            self._tracks[key] = []
            self._tasks[track.sid] = asyncio.create_task(self._listen(track, key))

    def _end(self, sid: str) -> None:
        if (listening := self._tasks.pop(sid, None)) is not None:
            listening.cancel()

    async def _listen(self, track: rtc.RemoteAudioTrack, key: str) -> None:
        stream = rtc.AudioStream.from_track(
            track=track, sample_rate=RATE, num_channels=1, frame_size_ms=50
        )
        try:
            async for event in stream:
                samples = np.frombuffer(event.frame.data, np.int16)
                came = Piece(time.time() - len(samples) / RATE, samples)
                self._tracks[key].append(came)
        finally:
            await stream.aclose()

    def between(self, begin: float, end: float) -> Samples:
        """What the people say, all together: the recogniser does not listen to the personas."""
        return self._mixed(begin, end, [k for k in self._tracks if not k.startswith(PERSONA)])

    def personas(self, begin: float, end: float) -> Samples:
        return self._mixed(begin, end, [k for k in self._tracks if k.startswith(PERSONA)])

    def _mixed(self, begin: float, end: float, keys: list[str]) -> Samples:
        mixed = np.zeros(round((end - begin) * RATE), np.int32)
        for began, track in (on_the_clock(self._tracks[key]) for key in keys if self._tracks[key]):
            late = round(max(0.0, began - begin) * RATE)
            if late < len(mixed):
                heard = track.between(begin, end)[: len(mixed) - late]
                mixed[late : late + len(heard)] += heard
        return np.asarray(np.clip(mixed, -32768, 32767), np.int16)

    async def aclose(self) -> None:
        await end(*self._tasks.values())


@contextlib.asynccontextmanager
async def hidden_ear(stack: Stack, room: str) -> AsyncIterator[RoomEar]:
    """Hears what the recogniser is given: every track of the call's room. It comes as a recorder
    does, as a kind that only servers have; nobody sees it and it keeps no room open."""
    token = (
        api.AccessToken(stack.livekit.key, stack.livekit.secret)
        .with_identity(f"ear-{secrets.token_hex(4)}")
        .with_kind("egress")
        .with_grants(
            api.VideoGrants(
                room_join=True, room=room, hidden=True, can_publish=False, can_subscribe=True
            )
        )
    )
    joined = rtc.Room()
    ear = RoomEar(joined)
    await joined.connect(stack.livekit.url, token.to_jwt())
    try:
        yield ear
    finally:
        await ear.aclose()
        await joined.disconnect()


class Agent:
    """A person at a desk who answers with a tone; everything goes through the gateway."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.rooms: dict[str, rtc.Room] = {}
        self.ears: dict[str, RoomEar] = {}
        self._humming: asyncio.Task[None] | None = None

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = await self._client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def sees_waiting(self, call: str) -> None:
        """What waits in a queue of theirs is what people at desks may pick up."""
        while not (await self._client.get(f"/api/calls/{call}")).json()["call"]["wanted"]:
            await asyncio.sleep(0.05)

    async def take(self, call: str) -> None:
        """The persona hands over; this desk hears the caller and hums."""
        taken = await self.post(f"/api/desk/calls/{call}/take", {})
        for connection in taken["connections"]:
            room = rtc.Room()
            self.ears[connection["purpose"]] = RoomEar(room)
            await room.connect(connection["server_url"], connection["token"])
            self.rooms[connection["purpose"]] = room
        source = rtc.AudioSource(48_000, 1, queue_size_ms=200)
        track = rtc.LocalAudioTrack.create_audio_track("agent", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        await self.rooms["talk"].local_participant.publish_track(track, options)
        self._humming = asyncio.create_task(self._hum(source))

    async def _hum(self, source: rtc.AudioSource) -> None:
        second = tone(AGENT, 1, 48_000)
        while True:
            for at in range(0, len(second), 480):
                part = second[at : at + 480]
                await source.capture_frame(rtc.AudioFrame(part.tobytes(), 48_000, 1, len(part)))

    async def leave(self, call: str) -> None:
        await self.post(f"/api/desk/calls/{call}/leave", {})

    async def aclose(self) -> None:
        if self._humming:
            await end(self._humming)
        for ear in self.ears.values():
            await ear.aclose()
        for room in self.rooms.values():
            await room.disconnect()


@contextlib.asynccontextmanager
async def at_desk(base: str, name: str) -> AsyncIterator[Agent]:
    async with signed_in(base, name) as client:
        agent = Agent(client)
        try:
            yield agent
        finally:
            await agent.aclose()


@contextlib.asynccontextmanager
async def signed_in(
    base: str, name: str, *, connections: int = 10
) -> AsyncIterator[httpx.AsyncClient]:
    """HTTP as the console speaks it."""
    limits = httpx.Limits(max_connections=connections)
    async with httpx.AsyncClient(
        base_url=base, headers={"X-Switchboard": "1"}, timeout=30, limits=limits
    ) as client:
        answer = await client.post("/api/session", json={"name": name, "password": PASSWORD})
        assert answer.is_success, answer.text
        yield client
