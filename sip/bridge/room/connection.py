"""One connection of a call to its room."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping

import structlog
from livekit import rtc

from dialplans.process.background import Tasks
from sip.bridge.ffi.client import route_events
from sip.bridge.ffi.dtmf import publish_key
from sip.bridge.ffi.handles import release
from sip.bridge.ffi.sound import Microphone
from sip.bridge.media.codecs.resample import WIDE_RATE
from sip.bridge.media.g711 import SAMPLE_RATE, Pcm
from sip.bridge.media.keys import DIGITS
from sip.bridge.room import participants
from sip.bridge.room.leave import agent_leaves
from sip.bridge.room.listener import Listener, serve_methods, stop_serving
from sip.bridge.room.options import options_for
from sip.bridge.room.reasons import FINAL, Reason
from sip.bridge.room.sealed import Sealed
from sip.bridge.room.tracks.heard_tracks import HeardTracks

log = structlog.get_logger()

DISCONNECT_SECONDS = 3.0
UNSETTLED_SECONDS = 0.5
"""A connection that is closed while it is still being made is never given back by the SDK: half a
megabyte and five threads each time. So a leg that has hardly joined stays for a moment longer."""
KNOWN_SECONDS = 1.0
BITRATE = {SAMPLE_RATE: 24_000, WIDE_RATE: 32_000}
"""Enough for speech; the SDK's default of 64 kbit/s costs twice the encoding time."""

TWIN_SECONDS = 15.0
"""So long after a rejoin the SDK may still mend the connection that was given up. The server then
throws this one out as a duplicate, though nobody else is there: that is no end of the call."""


class RoomConnection:
    def __init__(
        self,
        listener: Listener,
        *,
        rate: int = SAMPLE_RATE,
        after: RoomConnection | None = None,
        agent: bool = False,
    ) -> None:
        """`rate`: of the samples both ways. `after`: the connection that this one replaces.
        `agent`: one is to come."""
        self.listener = listener
        self._rate = rate
        self._room = rtc.Room()
        self.sealed: Sealed = Sealed(self._room, on=after is not None and after.sealed.on)
        self.had_agent: bool = agent or (after is not None and after.had_agent)
        self._microphone: Microphone | None = None
        self._heard = HeardTracks(rate)
        self._tasks = Tasks()
        self._end_routing: Callable[[], None] = lambda: None
        self._serving = False
        self._closing = False
        self._published_at: float | None = None
        self._heard_of = False
        self._over = False
        self._recovered = asyncio.Event()
        self._twin_until = 0.0
        self.removed = False
        """Somebody in the room, or its API, has thrown this participant out: they hung up."""

    def expect_twin(self) -> None:
        """This connection replaces one that was lost a moment ago."""
        self._twin_until = time.monotonic() + TWIN_SECONDS

    async def connect(self, url: str, token: str, *, within: float | None = None) -> None:
        """Join, subscribe to every sound there is and will be, and publish the phone's track.
        Raises rtc.ConnectError or TimeoutError.

        The SDK cannot be told to stop joining: what is too late, or not wanted any more, leaves
        again once it has joined.
        """
        room = self._room
        room.on("participant_connected", self._on_participant)
        room.on("participant_disconnected", lambda whose: self.listener.company())
        room.on("participant_attributes_changed", self._on_attributes)
        room.on("track_published", self._on_published)
        room.on("track_subscribed", self._on_track)
        room.on("track_unsubscribed", lambda track, pub, whose: self._heard.forget(track.sid))
        room.on("local_track_subscribed", self._on_wanted)
        room.on("sip_dtmf_received", lambda key: self.listener.key(key.digit))
        room.on("reconnecting", self._reconnecting)
        room.on("reconnected", self._recovered.set)
        room.on("disconnected", self._disconnected)
        joining = asyncio.ensure_future(room.connect(url, token, options_for(url)))
        try:
            await asyncio.wait_for(asyncio.shield(joining), within)
        except (TimeoutError, asyncio.CancelledError):
            joining.add_done_callback(lambda joined: _leave_late(room, joined))
            raise
        self._end_routing = route_events(room)
        self._listen()
        me = room.local_participant
        serve_methods(me, self.listener)
        self._serving = True
        self.sealed.begin()
        self._microphone = Microphone(self._rate)
        track = rtc.LocalAudioTrack.create_audio_track(me.identity, self._microphone.source)
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_MICROPHONE,
            dtx=False,
            red=False,
        )
        options.audio_encoding.max_bitrate = BITRATE[self._rate]
        await me.publish_track(track, options)
        self._published_at = time.monotonic()

    @property
    def sid(self) -> str:
        return self._room.local_participant.sid

    @property
    def identity(self) -> str:
        return self._room.local_participant.identity

    @property
    def attributes(self) -> Mapping[str, str]:
        return self._room.local_participant.attributes if self._microphone is not None else {}

    @property
    def connected(self) -> bool:
        return self._room.isconnected() and not self._closing

    @property
    def has_agent(self) -> bool:
        return bool(participants.agents(self._room))

    @property
    def has_others(self) -> bool:
        """SIP or ordinary participants beside this leg."""
        return bool(participants.others(self._room))

    @property
    def hears_somebody(self) -> bool:
        """Whether the way of somebody's sound is made."""
        return len(self._heard) > 0

    def _listen(self) -> None:
        """At once, not when the phone has answered: the way from the room takes some 0.3 s to be
        made, and whoever is rung would miss the first word. Nobody takes what comes until then."""
        for participant in tuple(self._room.remote_participants.values()):
            self._on_participant(participant)
            for publication in tuple(participant.track_publications.values()):
                self._on_published(publication, participant)

    def begin_sound(self, *, joins_others: bool) -> None:
        """What came while nobody took it is too old to be heard. A phone that joins a call of
        others does not hear the end of what an agent was just saying to them, either."""
        self._heard.begin(anew=joins_others)

    def heard(self) -> Pcm:
        """The room's next 20 ms."""
        return self._heard.next()

    def say(self, pcm: Pcm) -> None:
        if self._microphone is not None:
            self._microphone.push(pcm)

    def set_attributes(self, attributes: Mapping[str, str]) -> None:
        if self.connected:
            self._over = attributes.get("sip.callStatus") == "hangup"
            self._tasks.spawn(self._set_attributes(dict(attributes)))

    async def press(self, digit: str) -> bool:
        """Sends a key into the room. False: nobody who is there would hear it. Raises what the SDK
        raises."""
        if not (self.connected and self._known):
            return False
        if not participants.hears_keys(self._room, agents_only=self.had_agent):
            return False
        to = participants.hear_keys(self._room, agents_only=self.had_agent)
        await publish_key(self._room.local_participant, DIGITS.index(digit), digit, to=to)
        return True

    @property
    def _known(self) -> bool:
        """Whether the others have been told of this participant. Their SDK drops keys of whom it
        does not know, so whoever wants our sound is waited for, or else for as long as that takes.
        """
        if self._published_at is None:
            return False
        return self._heard_of or time.monotonic() > self._published_at + KNOWN_SECONDS

    def _on_wanted(self, _: rtc.LocalTrack) -> None:
        self._heard_of = True

    async def aclose(self, reason: Reason.ValueType = Reason.CLIENT_INITIATED) -> None:
        """Leave, or give up leaving a server that does not answer."""
        self._closing = True
        if self._over:
            await agent_leaves(self._room)
        self._end_routing()
        self._heard.close()
        if self._serving:
            self._serving = False
            self.sealed.end()
            stop_serving(self._room.local_participant)
        leaving = _LATE.spawn(self._leave(reason))
        await asyncio.wait({leaving}, timeout=DISCONNECT_SECONDS)
        if not leaving.done():
            log.info("room.left_without_goodbye")
        await self._tasks.aclose()
        if self._microphone is not None:
            await self._microphone.aclose()

    async def _leave(self, reason: Reason.ValueType) -> None:
        """Not broken off where it takes long: what is cancelled here stays in the room."""
        try:
            await self._tasks.finish()
            settled = (self._published_at or 0.0) + UNSETTLED_SECONDS
            await asyncio.sleep(settled - time.monotonic())
            await self._room.disconnect(reason=reason)
        except Exception as error:
            log.info("room.not_left", error=repr(error))
        else:
            release(self._room)

    async def _set_attributes(self, attributes: dict[str, str]) -> None:
        with contextlib.suppress(Exception):  # the room went away meanwhile
            await self._room.local_participant.set_attributes(attributes)

    async def recovers(self, within: float) -> bool:
        """Whether the SDK mends the connection by itself."""
        try:
            async with asyncio.timeout(within):
                await self._recovered.wait()
        except TimeoutError:
            return False
        return self.connected

    def _reconnecting(self) -> None:
        self._recovered.clear()
        self._lost(final=False)

    def _disconnected(self, reason: Reason.ValueType) -> None:
        self.removed = reason == Reason.PARTICIPANT_REMOVED
        twin = reason == Reason.DUPLICATE_IDENTITY and time.monotonic() < self._twin_until
        self._lost(final=reason in FINAL and not twin)

    def _lost(self, *, final: bool) -> None:
        if not self._closing:
            self.listener.lost(final)

    def _on_participant(self, participant: rtc.RemoteParticipant) -> None:
        """A second phone in the room counts as sound: two legs must not wait for each other."""
        self.had_agent = self.had_agent or participant.kind == participants.AGENT
        self.listener.company()
        if participant.kind == participants.PHONE:
            self.listener.sound()

    def _on_attributes(self, changed: dict[str, str], of: rtc.Participant) -> None:
        if of is self._room.local_participant:
            self.listener.attributes()

    def _on_published(
        self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if publication.kind == rtc.TrackKind.KIND_AUDIO:
            publication.set_subscribed(True)
            self.listener.sound()

    def _on_track(
        self,
        track: rtc.Track,
        publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        if isinstance(track, rtc.RemoteAudioTrack) and not self._closing:
            self._heard.add(track, agent=participant.kind == participants.AGENT)


_LATE = Tasks()


def _leave_late(room: rtc.Room, joined: asyncio.Future[None]) -> None:
    if not joined.cancelled() and joined.exception() is None:
        _LATE.spawn(room.disconnect())
