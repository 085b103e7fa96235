"""Calls on record as going on whose room is gone: whoever should have reported their end could not.

A livekit-server that was killed tells nobody, and a job that dies with it says no goodbye.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from dialplans.contracts.causes import EndCause
from dialplans.contracts.events import Ended, once
from dialplans.contracts.jobs import Claim
from dialplans.contracts.words import Source
from dialplans.telephony.call import ROOM_PREFIX

log = structlog.get_logger(__name__)

MARGIN_S = 15.0
"""A call is on record before its room is, and leaves it a moment after: never so much."""


@dataclass
class Roomless:
    """`grace_s` has to be longer than a leg keeps its telephone while livekit-server is away. Times
    are of a monotonic clock."""

    grace_s: float
    _since: dict[str, float] = field(default_factory=dict)

    def over(self, live: Collection[str], there: Collection[str], now: float) -> dict[str, float]:
        """The calls that have ended without a word, with the seconds since they were first missed;
        those that are still live after as long again once more. `there` are those with a room, or
        with a job that holds them."""
        missed = [call for call in live if call not in there]
        self._since = {call: self._since.get(call, now) for call in missed}
        found = {call: now - at for call, at in self._since.items() if now - at >= self.grace_s}
        self._since.update(dict.fromkeys(found, now))
        return found

    def unknown(self) -> None:
        """What is there could not be seen: everybody begins anew."""
        self._since.clear()


@dataclass(frozen=True)
class LiveRecords:
    """`live` are the calls on record as going on; one without a room for `grace_s` is ended."""

    live: Callable[[], Collection[str]]
    grace_s: float


NO_RECORDS = LiveRecords(tuple, 0.0)

Holder = Callable[[str], Awaitable[Claim | None]]
Tell = Callable[[Ended], Awaitable[None]]


class RoomlessCalls:
    """Writes the end of each call that nobody else can end any more."""

    def __init__(self, records: LiveRecords, holder: Holder, tell: Tell) -> None:
        self._live = records.live
        self._holder = holder
        self._tell = tell
        self._roomless = Roomless(records.grace_s)

    def unknown(self) -> None:
        self._roomless.unknown()

    async def end(self, rooms: Collection[str]) -> int:
        """After a look at all rooms that there are; how many calls were ended."""
        live = [call for call in self._live() if call.startswith(ROOM_PREFIX)]
        held = [call for call in live if call not in rooms and await self._holder(call) is not None]
        over = self._roomless.over(live, {*rooms, *held}, time.monotonic())
        for call, missed_s in over.items():
            log.warning("steward.call_without_room", call=call)
            await self._tell(
                Ended(
                    call=call,
                    source=Source.STEWARD,
                    id=once(call, EndCause.ROOM_CLOSED),
                    at=datetime.now(UTC) - timedelta(seconds=missed_s),
                    cause=EndCause.ROOM_CLOSED,
                )
            )
        return len(over)
