"""Somebody who listens in unseen, as a supervisor's browser does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import numpy as np
from livekit import api, rtc

from sip.bridge.room.options import options_for
from tests.sip.bridge.person import Person, until
from tests.stack.servers import LiveKit


class Listener(Person):
    """As a supervisor's browser: hidden, subscribed to everything, publishing nothing."""

    async def join(self) -> None:
        name, identity, _ = self._where
        self.packets: list[str] = []
        self.room.on("sip_dtmf_received", lambda key: self.keys.append(key.digit))
        self.room.on("data_received", lambda packet: self.packets.append(str(packet.topic)))
        self.room.on("track_subscribed", lambda track, pub, who: self._hear_phone(track, who))
        grants = api.VideoGrants(
            room_join=True, room=name, hidden=True, can_publish=False, can_publish_data=False
        )
        token = api.AccessToken(self._livekit.key, self._livekit.secret)
        options = options_for(self._livekit.url)
        options.auto_subscribe = True
        await self.room.connect(
            self._livekit.url, token.with_identity(identity).with_grants(grants).to_jwt(), options
        )

    def _hear_phone(self, track: rtc.Track, who: rtc.RemoteParticipant) -> None:
        if who.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP:
            self._spawn(self._hear(track))

    async def hears(self, hz: float, seconds: float = 1.0) -> float:
        """How much of the caller's tone is in what comes from now on; 0 for silence."""
        self.heard.clear()
        await asyncio.sleep(seconds)
        return self.heard_tone(hz) if len(self.heard) > 20 else 0.0

    async def hears_tone(self, hz: float) -> None:
        """Until it is sent the sound again, which takes LiveKit up to some seconds."""
        self.heard.clear()
        await until(lambda: self.heard_tone(hz) > 0.8)

    @property
    def loudest(self) -> int:
        """In all that was heard since it was emptied last; a stream that is not fed is silent."""
        return max((int(np.abs(frame).max()) for frame in self.heard), default=0)


@contextlib.asynccontextmanager
async def listening(
    livekit: LiveKit, room: str, *, identity: str = "listener"
) -> AsyncIterator[Listener]:
    made = Listener(livekit, room, identity, "standard")
    await made.join()
    try:
        yield made
    finally:
        await made.leave()
