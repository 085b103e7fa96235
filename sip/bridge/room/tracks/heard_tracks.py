"""The tracks of a room that a phone hears, as one sound."""

from __future__ import annotations

import time
from dataclasses import dataclass

from livekit import rtc

from sip.bridge.ffi.sound import TrackSound
from sip.bridge.media.codecs.resample import silence
from sip.bridge.media.g711 import Pcm
from sip.bridge.room.tracks.mixer import mix
from sip.bridge.room.tracks.replay_guard import ReplayGuard
from sip.bridge.room.tracks.track_queue import TrackQueue

ANEW_SECONDS = 0.4
"""A phone that answers at once may be quicker than the subscription to the agent's track."""


@dataclass(frozen=True)
class HeardTrack:
    track: ReplayGuard
    sound: TrackSound
    agent: bool


class HeardTracks:
    """`rate`: of the samples that come out."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._silence = silence(rate)
        self._heard: dict[str, HeardTrack] = {}
        self._anew_until = 0.0

    def __len__(self) -> int:
        return len(self._heard)

    def add(self, track: rtc.RemoteAudioTrack, *, agent: bool) -> None:
        """In the place of one of the same id, if there is any."""
        self.forget(track.sid)
        queue = TrackQueue(len(self._silence))
        sound = TrackSound(track, queue.put, self._rate)
        heard = HeardTrack(ReplayGuard(queue), sound, agent)
        if agent and time.monotonic() < self._anew_until:
            heard.track.start()
        self._heard[track.sid] = heard

    def forget(self, sid: str) -> None:
        known = self._heard.pop(sid, None)
        if known is not None:
            known.sound.close()

    def close(self) -> None:
        for sid in tuple(self._heard):
            self.forget(sid)

    def begin(self, *, anew: bool) -> None:
        """Drop what waits. `anew`: nor is the end of what an agent was just saying heard, of one
        either whose track comes in the next moment."""
        for heard in self._heard.values():
            heard.track.clear()
            if anew and heard.agent:
                heard.track.start()
        if anew:
            self._anew_until = time.monotonic() + ANEW_SECONDS

    def next(self) -> Pcm:
        """The next 20 ms; silence where there are none."""
        frames = [heard.track.take() for heard in self._heard.values()]
        return mix([frame for frame in frames if frame is not None], self._silence)
