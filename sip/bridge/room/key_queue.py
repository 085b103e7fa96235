"""The phone's keys on their way into the room, in order and none lost on the way."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from dialplans.process.background import end
from sip.bridge.media.keys import DIGITS

log = structlog.get_logger()

MOST = 32
"""Keys that wait; of more the oldest go, as a telephone's own memory does it."""
KEPT_SECONDS = 10.0
"""A key that nobody heard for so long is dropped: by then it means something else."""
STEP_SECONDS = 0.05
LAST_SECONDS = 0.3
"""So long the end of a call waits for keys pressed just before it."""

Publish = Callable[[str], Awaitable[bool]]
"""Sends one key into the room; False if nobody there can hear it now."""


class KeyQueue:
    """Holds what cannot be heard yet: while the room is being joined or joined again, and until
    the agent is there."""

    def __init__(self, publish: Publish, *, kept: float = KEPT_SECONDS) -> None:
        self._publish = publish
        self._kept = kept
        self._waiting: deque[tuple[str, float]] = deque(maxlen=MOST)
        self._sending: asyncio.Task[None] | None = None
        self._closed = False

    def press(self, digit: str) -> None:
        """What is no key of a telephone is left out."""
        if not digit or digit not in DIGITS or self._closed:
            return
        self._waiting.append((digit, time.monotonic() + self._kept))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    async def aclose(self) -> None:
        """The call is over: what can be heard at once still is."""
        self._closed = True
        if self._sending is not None:
            await asyncio.wait({self._sending}, timeout=LAST_SECONDS)
            await end(self._sending)

    async def _send(self) -> None:
        unheard = 0
        while self._waiting:
            digit, until = key = self._waiting[0]
            sent = await self._sent(digit, until)
            if not sent and time.monotonic() < until:
                await asyncio.sleep(STEP_SECONDS)
                continue
            unheard += not sent
            if self._waiting[0] is key:  # else it has made room for a newer one
                self._waiting.popleft()
        if unheard:
            log.info("keys.unheard", count=unheard)

    async def _sent(self, digit: str, until: float) -> bool:
        """The SDK itself waits for the connection that carries keys, but longer than we do."""
        try:
            async with asyncio.timeout(until - time.monotonic()):
                return await self._publish(digit)
        except Exception as error:
            log.info("keys.not_sent", error=repr(error))
            return False
