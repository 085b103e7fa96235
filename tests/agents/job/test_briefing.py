"""Who hears what while a person who was dialled is told about the caller: on a real livekit-server,
where everybody sends a tone of their own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
from livekit import api, rtc

from agents.call.call_control import NotReachedError
from agents.job.briefing import LiveKitBriefing
from agents.providers.voice import RATE, frames_of
from dialplans.process.background import end
from tests.console.sound.tones import level, tone
from tests.stack.servers import LiveKit

pytestmark = pytest.mark.stack

ROOM = "call-aside"
HERTZ = {"job": 433, "caller": 733, "person": 1187}
SECRET = 1959
LOUD = 0.2
HEARD = 0.02
LISTENS_S = 0.6
SETTLED_WITHIN_S = 5.0


class Party:
    """Somebody in the room, with all that they hear."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.room = rtc.Room()
        self._tracks: list[list[tuple[float, rtc.AudioFrame]]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.room.on("track_subscribed", self._subscribed)

    async def join(self, livekit: LiveKit, *, hidden: bool = False) -> None:
        grants = api.VideoGrants(room_join=True, room=ROOM, hidden=hidden, can_publish=not hidden)
        token = api.AccessToken(livekit.key, livekit.secret).with_identity(self.name)
        await self.room.connect(livekit.url, token.with_grants(grants).to_jwt())
        if self.name in HERTZ:
            source = rtc.AudioSource(RATE, 1)
            track = rtc.LocalAudioTrack.create_audio_track(self.name, source)
            await self.room.local_participant.publish_track(track)
            self._tasks.append(asyncio.create_task(self._hum(source)))

    async def _hum(self, source: rtc.AudioSource) -> None:
        while True:
            async for frame in sound(HERTZ[self.name], 1.0):
                await source.capture_frame(frame)

    def _subscribed(self, track: rtc.Track, *_: object) -> None:
        self._tasks.append(asyncio.create_task(self._listen(track)))

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream.from_track(track=track, sample_rate=RATE, num_channels=1)
        heard: list[tuple[float, rtc.AudioFrame]] = []
        self._tracks.append(heard)
        try:
            async for event in stream:
                heard += [(time.monotonic(), event.frame)]
        finally:
            await stream.aclose()

    async def hears(self) -> set[str]:
        """Whose tones are in what arrives from now on."""
        begin = time.monotonic()
        await asyncio.sleep(LISTENS_S)
        tones = HERTZ | {"aside": SECRET}
        found = set()
        for track in self._tracks:
            frames = [frame.data for at, frame in track if at > begin]
            sound = np.frombuffer(b"".join(frames), np.int16)
            found |= {name for name, hertz in tones.items() if level(sound, RATE, hertz) > HEARD}
        return found

    async def comes_to_hear(self, *whom: str) -> None:
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while (heard := await self.hears()) != set(whom):
            assert time.monotonic() < deadline, f"{self.name} hears {heard}, not {set(whom)}"

    async def leave(self) -> None:
        await end(*self._tasks)
        await self.room.disconnect()


def sound(hertz: int, seconds: float) -> AsyncIterator[rtc.AudioFrame]:
    return frames_of(tone(hertz, seconds, RATE, amplitude=LOUD).tobytes())


@contextlib.asynccontextmanager
async def parties(livekit: LiveKit, *names: str) -> AsyncIterator[list[Party]]:
    found = [Party(name) for name in names]
    try:
        for party in found:
            await party.join(livekit, hidden=party.name == "listener")
        yield found
    finally:
        for party in found:
            await party.leave()


def beside(livekit: LiveKit, job: Party) -> tuple[api.LiveKitAPI, LiveKitBriefing]:
    lk = api.LiveKitAPI(livekit.http, livekit.key, livekit.secret)
    return lk, LiveKitBriefing(lk, job.room, "caller", "person")


async def test_only_the_person_hears_what_is_said_aside(livekit: LiveKit) -> None:
    """Nobody else gets it, whoever comes meanwhile included; the caller goes on hearing the job,
    and afterwards everybody hears everybody."""
    names = ("job", "caller", "person", "listener")
    async with parties(livekit, *names) as (job, caller, person, listener):
        await person.comes_to_hear("job", "caller")
        await caller.comes_to_hear("job", "person")
        lk, told = beside(livekit, job)
        async with lk, told, parties(livekit, "latecomer") as (latecomer,):
            saying = asyncio.create_task(told.say(sound(SECRET, 30.0)))
            await person.comes_to_hear("aside")
            await caller.comes_to_hear("job")
            await latecomer.comes_to_hear("job", "caller", "person")
            for _ in range(3):
                overheard = await asyncio.gather(*(p.hears() for p in (caller, listener)))
                assert "aside" not in set.union(*overheard)
            saying.cancel()
        await person.comes_to_hear("job", "caller")
        await caller.comes_to_hear("job", "person")
        await listener.comes_to_hear("job", "caller", "person")


async def test_whoever_answers_at_once_is_told_alone_as_well(livekit: LiveKit) -> None:
    """They have hardly joined: the server gives everybody who has every track, a moment later."""
    async with parties(livekit, "job", "caller") as (job, caller):
        lk, told = beside(livekit, job)
        there = asyncio.Event()
        job.room.on("participant_connected", lambda _: there.set())
        person = Party("person")
        joining = asyncio.create_task(person.join(livekit))
        await there.wait()
        async with lk, told:
            saying = asyncio.create_task(told.say(sound(SECRET, 30.0)))
            for _ in range(4):
                assert await person.hears() <= {"aside"}
                assert await caller.hears() <= {"job"}
            await person.comes_to_hear("aside")
            await caller.comes_to_hear("job")
            saying.cancel()
        await joining
        await person.comes_to_hear("job", "caller")
        await caller.comes_to_hear("job", "person")
        await person.leave()


async def test_a_person_who_hears_nothing_is_not_told(livekit: LiveKit) -> None:
    """Somebody who has gone meanwhile: an error of its own, and nothing stays as it was made."""
    async with parties(livekit, "job", "caller") as (job, caller):
        lk, told = beside(livekit, job)
        told.heard_within_s = 1.0
        async with lk:
            with pytest.raises(NotReachedError):
                await told.__aenter__()
        await caller.comes_to_hear("job")

        (left,) = job.room.local_participant.track_publications.values()
        assert left.name == "job"
