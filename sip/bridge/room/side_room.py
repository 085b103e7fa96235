"""What is whispered to a person who has a call on their telephone.

A supervisor whispers in a room of its own, which the caller's leg is never in: that the caller
hears nothing of it follows from where the sound is, and from no rule of who mixes what. The
telephone of that person only hears it. What they say goes to the call's room alone.
"""

from __future__ import annotations

import asyncio

import structlog
from livekit import api, rtc

from dialplans.contracts.jobs import AGENT, ON, ROLE, SIDE
from dialplans.process.background import Tasks
from sip.bridge.ffi.client import route_events
from sip.bridge.ffi.handles import release
from sip.bridge.ffi.sound import TrackSound
from sip.bridge.media.codecs.resample import silence
from sip.bridge.media.g711 import Pcm
from sip.bridge.room.join_token import TOKEN_TTL, ParticipantSpec
from sip.bridge.room.options import options_for
from sip.bridge.room.tracks.track_queue import TrackQueue
from sip.bridge.runtime.settings import ApiKey

log = structlog.get_logger()

SIDE_PREFIX = "side-"
AGAIN_SECONDS = 1.0
LEAVE_SECONDS = 3.0


def has_side_room(spec: ParticipantSpec) -> bool:
    """Only a person's telephone, and only if whoever rang it said so."""
    asked = spec.attributes
    return asked.get(SIDE) == ON and asked.get(ROLE) == AGENT


def side_token(api_key: ApiKey, spec: ParticipantSpec) -> str:
    """For an ear: nothing can be said with it."""
    grants = api.VideoGrants(
        room_join=True,
        room=f"{SIDE_PREFIX}{spec.room}",
        can_publish=False,
        can_subscribe=True,
        can_publish_data=False,
    )
    made = api.AccessToken(api_key.key, api_key.secret).with_identity(spec.identity)
    named = made.with_name(spec.name).with_kind("sip").with_attributes({ROLE: AGENT})
    return named.with_grants(grants).with_ttl(TOKEN_TTL).to_jwt()


class SideRoom:
    """`run` joins, and joins again when the server was away, until it is cancelled."""

    def __init__(self, api_key: ApiKey, spec: ParticipantSpec, rate: int) -> None:
        """`rate`: of the samples."""
        self._api_key = api_key
        self._spec = spec
        self._rate = rate
        self._samples = len(silence(rate))
        self._heard: dict[str, tuple[TrackQueue, TrackSound]] = {}

    def heard(self) -> list[Pcm]:
        """The next 20 ms of everybody who whispers now."""
        frames = [queue.take() for queue, _ in tuple(self._heard.values())]
        return [frame for frame in frames if frame is not None]

    async def run(self, url: str) -> None:
        while True:
            try:
                await self._stay(url)
            except Exception as error:
                log.info("side_room.away", call=self._spec.room, error=repr(error))
            await asyncio.sleep(AGAIN_SECONDS)

    async def _stay(self, url: str) -> None:
        """Until the connection is lost. One that is given up while it is being made leaves once it
        has been: the SDK cannot be told to stop joining."""
        room, lost = rtc.Room(), asyncio.Event()
        room.on("track_published", self._published)
        room.on("track_subscribed", self._subscribed)
        room.on("track_unsubscribed", lambda track, pub, whose: self._forget(track.sid))
        room.on("disconnected", lambda reason: lost.set())
        joining = asyncio.ensure_future(
            room.connect(url, side_token(self._api_key, self._spec), options_for(url))
        )
        try:
            await asyncio.shield(joining)
        except asyncio.CancelledError:
            joining.add_done_callback(lambda joined: _leave_late(room, joined))
            raise
        end_routing = route_events(room)
        try:
            for who in tuple(room.remote_participants.values()):
                for publication in tuple(who.track_publications.values()):
                    self._published(publication, who)
            await lost.wait()
        finally:
            end_routing()
            for sid in tuple(self._heard):
                self._forget(sid)
            _LATE.spawn(_leave(room))

    def _published(
        self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if publication.kind == rtc.TrackKind.KIND_AUDIO:
            publication.set_subscribed(True)

    def _subscribed(
        self,
        track: rtc.Track,
        publication: rtc.TrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        if isinstance(track, rtc.RemoteAudioTrack):
            self._forget(track.sid)
            queue = TrackQueue(self._samples)
            self._heard[track.sid] = (queue, TrackSound(track, queue.put, self._rate))

    def _forget(self, sid: str) -> None:
        known = self._heard.pop(sid, None)
        if known is not None:
            known[1].close()


_LATE = Tasks()


async def _leave(room: rtc.Room) -> None:
    try:
        async with asyncio.timeout(LEAVE_SECONDS):
            await room.disconnect()
    except Exception as error:
        log.info("side_room.not_left", error=repr(error))
    else:
        release(room)


def _leave_late(room: rtc.Room, joined: asyncio.Future[None]) -> None:
    if not joined.cancelled() and joined.exception() is None:
        _LATE.spawn(_leave(room))
