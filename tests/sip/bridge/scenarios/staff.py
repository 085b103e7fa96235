"""Somebody who takes every call, as a worker of the whole stack would."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from livekit import api, rtc

from sip.bridge.ffi.handles import release
from sip.bridge.room.options import options_for
from tests.sip.bridge.world import World


class Desk:
    """Joins the room of every call whose name begins so, with a silent track, and leaves with the
    caller."""

    def __init__(self, world: World, prefix: str | tuple[str, ...]) -> None:
        self._world = world
        self._prefix = prefix
        self._seen: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        async with self._world.api() as client:
            while True:
                for room in (await client.room.list_rooms(api.ListRoomsRequest())).rooms:
                    if room.name not in self._seen and room.name.startswith(self._prefix):
                        self._seen.add(room.name)
                        task = asyncio.create_task(self._serve(room.name))
                        self._tasks.add(task)
                        task.add_done_callback(self._tasks.discard)
                await asyncio.sleep(0.1)

    async def finish(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, name: str) -> None:
        room, over = rtc.Room(), asyncio.Event()

        def hung_up(changed: dict[str, str], who: rtc.Participant) -> None:
            if changed.get("sip.callStatus") == "hangup":
                over.set()

        room.on("participant_disconnected", lambda who: over.set())
        room.on("participant_attributes_changed", hung_up)
        room.on("disconnected", lambda reason: over.set())
        token = (
            api.AccessToken(self._world.livekit.key, self._world.livekit.secret)
            .with_identity("agent")
            .with_kind("agent")
            .with_grants(api.VideoGrants(room_join=True, room=name))
            .with_room_config(api.RoomConfiguration(empty_timeout=1, departure_timeout=1))
        )
        source = rtc.AudioSource(8000, 1)
        try:
            url = self._world.livekit.url
            await room.connect(url, token.to_jwt(), options_for(url))
            track = rtc.LocalAudioTrack.create_audio_track("voice", source)
            await room.local_participant.publish_track(track)
            async with asyncio.timeout(60):
                if room.remote_participants:
                    await over.wait()
        except (rtc.ConnectError, rtc.participant.PublishTrackError, TimeoutError):
            pass  # the caller was gone before
        finally:
            await room.disconnect()
            release(room)
            await source.aclose()


@contextlib.asynccontextmanager
async def staffed(world: World, prefix: str | tuple[str, ...] = "call") -> AsyncIterator[None]:
    desk = Desk(world, prefix)
    working = asyncio.create_task(desk.run())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await desk.finish()
