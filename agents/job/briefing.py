"""A word with a person who was dialled, which the caller cannot hear.

The job publishes a second track. The server gives a track to nobody whom its publisher has not
named, and who may have this one is said before it exists: the person, and no one else. Everybody
who was there goes on hearing the job's other tracks. Meanwhile the caller and the person do not
hear each other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Self

import structlog
from livekit import api, rtc

from agents.call.call_control import NotReached, NotReachedError
from agents.providers.voice import RATE
from dialplans.process.background import Tasks

log = structlog.get_logger(__name__)

TRACK = "aside"
HEARD_WITHIN_S = 5.0
SETTLES_S = 0.5
"""A telephone's way to a new track takes some 0.3 s to be made; before that nothing is heard."""


class LiveKitBriefing:
    """`async with` it; `person` and `caller` are identities in `room`."""

    def __init__(self, lk: api.LiveKitAPI, room: rtc.Room, caller: str, person: str) -> None:
        self._lk = lk
        self._room = room
        self._caller = caller
        self._person = person
        self._source = rtc.AudioSource(RATE, 1)
        self._track = ""
        self.heard_within_s = HEARD_WITHIN_S
        self._tasks = Tasks("briefing.failed")
        self._for_all = list(room.local_participant.track_publications)

    async def __aenter__(self) -> Self:
        """Raises NotReachedError where the person gets no sound in time."""
        self._permit()
        self._room.on("participant_connected", self._came)
        self._room.on("track_published", self._published)
        try:
            await self._between(subscribe=False)
            track = rtc.LocalAudioTrack.create_audio_track(TRACK, self._source)
            me = self._room.local_participant
            published = await me.publish_track(track, rtc.TrackPublishOptions(dtx=False, red=False))
            self._track = published.sid
            async with asyncio.timeout(self.heard_within_s):
                await published.wait_for_subscription()
            # Whoever has hardly joined was given every track meanwhile, whatever was said before.
            await self._between(subscribe=False)
            await asyncio.sleep(SETTLES_S)
        except BaseException as error:
            await self._close()
            if isinstance(error, TimeoutError | rtc.participant.PublishTrackError):
                raise NotReachedError(NotReached.FAILED) from error
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def say(self, frames: AsyncIterator[rtc.AudioFrame]) -> None:
        """Returns when all was played."""
        narrowed: rtc.AudioResampler | None = None
        async for frame in frames:
            if frame.sample_rate == RATE:
                await self._source.capture_frame(frame)
                continue
            narrowed = narrowed or rtc.AudioResampler(frame.sample_rate, RATE)
            for part in narrowed.push(frame):
                await self._source.capture_frame(part)
        await self._source.wait_for_playout()

    def _came(self, _: rtc.RemoteParticipant) -> None:
        self._permit()

    def _published(self, _: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant) -> None:
        if who.identity in (self._caller, self._person):
            self._tasks.spawn(self._between(subscribe=False))

    def _permit(self) -> None:
        """The person everything, the others what was there before."""
        others = (who for who in self._room.remote_participants if who != self._person)
        permitted = [
            rtc.ParticipantTrackPermission(
                participant_identity=who, allow_all=False, allowed_track_sids=self._for_all
            )
            for who in others
        ]
        permitted.append(
            rtc.ParticipantTrackPermission(participant_identity=self._person, allow_all=True)
        )
        self._room.local_participant.set_track_subscription_permissions(
            allow_all_participants=False, participant_permissions=permitted
        )

    async def _between(self, *, subscribe: bool) -> None:
        """Whether caller and person hear each other, and the person what the caller is played."""
        await self._subscribe(self._caller, self._tracks_of(self._person), subscribe)
        for_person = [*self._tracks_of(self._caller), *self._for_all]
        await self._subscribe(self._person, for_person, subscribe)

    def _tracks_of(self, identity: str) -> list[str]:
        who = self._room.remote_participants.get(identity)
        return list(who.track_publications) if who is not None else []

    async def _subscribe(self, identity: str, tracks: list[str], subscribe: bool) -> None:
        if not tracks or identity not in self._room.remote_participants:
            return
        await self._lk.room.update_subscriptions(
            api.UpdateSubscriptionsRequest(
                room=self._room.name, identity=identity, track_sids=tracks, subscribe=subscribe
            )
        )

    async def _close(self) -> None:
        """Takes the track away before anybody else may have it."""
        self._room.off("participant_connected", self._came)
        self._room.off("track_published", self._published)
        await self._tasks.aclose()
        self._source.clear_queue()
        me = self._room.local_participant
        if self._track:
            with contextlib.suppress(rtc.participant.UnpublishTrackError):
                await me.unpublish_track(self._track)
        me.set_track_subscription_permissions(allow_all_participants=True)
        await self._source.aclose()
        try:
            await self._between(subscribe=True)
        except api.ServerError as error:
            # Somebody left meanwhile, and the call goes on from that.
            log.warning("briefing.not_undone", error=str(error))
