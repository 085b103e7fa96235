"""Everybody in the room is written down, with who said it: people too, not only the caller.

The caller is heard by the session itself; this is for everyone else who publishes sound.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from livekit import rtc
from livekit.agents import stt

from agents.call.state import CallState
from dialplans.contracts.events import Said
from dialplans.contracts.jobs import AGENT, ROLE
from dialplans.contracts.words import Source
from dialplans.process.background import end

log = structlog.get_logger(__name__)

RATE = 16_000


class Transcriber:
    """A fresh recogniser for each speaker, in the language of the call, so that no two share a
    turn."""

    def __init__(self, call: CallState) -> None:
        self._call = call
        self._listening: dict[str, asyncio.Task[None]] = {}

    def listen(self, room: rtc.Room, caller: str) -> None:
        """Also to those who are in the room already."""

        def subscribed(
            track: rtc.Track, publication: rtc.TrackPublication, who: rtc.RemoteParticipant
        ) -> None:
            agent = who.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
            if isinstance(track, rtc.RemoteAudioTrack) and who.identity != caller and not agent:
                self._start(track, who)

        def unsubscribed(
            track: rtc.Track, publication: rtc.TrackPublication, who: rtc.RemoteParticipant
        ) -> None:
            if task := self._listening.pop(track.sid, None):
                task.cancel()

        room.on("track_subscribed", subscribed)
        room.on("track_unsubscribed", unsubscribed)
        for who in room.remote_participants.values():
            for publication in who.track_publications.values():
                if publication.track is not None:
                    subscribed(publication.track, publication, who)

    def _start(self, track: rtc.RemoteAudioTrack, who: rtc.RemoteParticipant) -> None:
        role = who.attributes.get(ROLE, AGENT)
        name = who.name or who.identity
        task = asyncio.create_task(self._write_down(track, name, role), name=f"transcriber {role}")
        self._listening[track.sid] = task

    async def _write_down(self, track: rtc.RemoteAudioTrack, name: str, role: str) -> None:
        sound = rtc.AudioStream.from_track(track=track, sample_rate=RATE, num_channels=1)
        ears = self._call.spoken.providers.stt().stream()
        feeding = asyncio.create_task(_feed(sound, ears))
        try:
            async for event in ears:
                if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT and event.alternatives:
                    self.said(name, role, event.alternatives[0].text)
        except Exception:  # a lost recogniser must not cost the call anything else
            log.exception("transcriber.failed", role=role)
        finally:
            feeding.cancel()
            with contextlib.suppress(Exception):
                await ears.aclose()
            await sound.aclose()

    def said(self, name: str, role: str, text: str) -> None:
        if not text.strip():
            return
        text = self._call.masking.said(text)
        if self._call.pause is not None:
            self._call.pause.heard.append((name, text))
        self._call.tell(
            Said(call=self._call.id, source=Source.AGENT, speaker=name, role=role, text=text)
        )

    async def close(self) -> None:
        await end(*self._listening.values())


async def _feed(sound: rtc.AudioStream, ears: stt.RecognizeStream) -> None:
    async for event in sound:
        ears.push_frame(event.frame)
    ears.end_input()
