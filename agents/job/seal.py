"""Nobody who listens in hears a sealed step: the caller's leg lets its sound go to agents alone.

It is the leg that publishes the sound, a telephone's or a browser's, so it is told, by an attribute
of this participant; LiveKit's server then sends the sound to nobody else. A leg that does not know
the attribute, such as livekit-sip, goes on as before.
"""

from __future__ import annotations

import asyncio

import structlog
from livekit import rtc

from dialplans.contracts.jobs import SEALED
from dialplans.process.background import end

log = structlog.get_logger(__name__)


class Seal:
    """`set` returns at once; the last word counts."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room
        self._wanted = False
        self._told = False
        self._telling: asyncio.Task[None] | None = None

    def set(self, on: bool) -> None:
        self._wanted = on
        if on != self._told and (self._telling is None or self._telling.done()):
            self._telling = asyncio.create_task(self._tell(), name="seal")

    def again(self) -> None:
        """The room is back: what could not be told while it was away is told now."""
        self.set(self._wanted)

    async def close(self) -> None:
        if self._telling is not None:
            await end(self._telling)

    async def _tell(self) -> None:
        while self._wanted != self._told:
            on = self._wanted
            try:
                await self._room.local_participant.set_attributes({SEALED: "yes" if on else ""})
            except Exception as error:  # the room is gone, or about to come back
                log.warning("seal.not_told", sealed=on, error=type(error).__name__)
                return
            self._told = on
