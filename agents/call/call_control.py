"""What can be done to the caller's line; the only way a stage touches the room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from livekit import rtc

from dialplans.contracts.causes import EndCause
from dialplans.contracts.words import Word
from dialplans.engine.call_inputs import HappeningKind


class NotReached(Word):
    """Why nobody could be brought to the phone: each can happen to a call in its plan."""

    BUSY = HappeningKind.BUSY.value
    NO_ANSWER = HappeningKind.NO_ANSWER.value
    DECLINED = HappeningKind.DECLINED.value
    UNREACHABLE = HappeningKind.UNREACHABLE.value
    WRONG_NUMBER = HappeningKind.WRONG_NUMBER.value
    FAILED = HappeningKind.FAILED.value

    @property
    def happening(self) -> HappeningKind:
        return HappeningKind(self.value)


class NotReachedError(Exception):
    """Nobody could be brought to the phone."""

    def __init__(self, why: NotReached) -> None:
        super().__init__(why)
        self.why = why


class Briefing(Protocol):
    """A word with somebody that the caller does not hear."""

    async def say(self, frames: AsyncIterator[rtc.AudioFrame]) -> None:
        """Returns when all was played."""


class CallControl(Protocol):
    """LiveKit's server does it, or a terminal, or a test."""

    async def hang_up(self, cause: EndCause) -> None:
        """The caller's leg gets its BYE."""

    async def refuse(self, code: int) -> None:
        """Ends a call that was not answered yet."""

    async def dial(
        self, number: str, *, via: str, ring_s: float, heard: Callable[[], object] | None = None
    ) -> str:
        """Brings a telephone into the call and returns its identity once it has answered; raises
        NotReachedError. `heard` is called when the telephone network is heard before that, with a
        tone or an announcement; without it nobody hears them."""

    async def refer(self, uri: str, *, ring_s: float) -> None:
        """Hands the caller to another telephone by REFER; raises NotReachedError."""

    async def drop(self, identity: str) -> None:
        """Removes somebody whom `dial` brought in."""

    def briefing(self, identity: str) -> AbstractAsyncContextManager[Briefing]:
        """While it is open, what is said there reaches only this person whom `dial` brought in,
        and they and the caller do not hear each other. Entering raises NotReachedError."""
