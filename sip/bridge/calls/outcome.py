"""How calls end, as values made where it happens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ending:
    """`cause` is one of `dialplans.contracts.events.Ended`'s; `by` is caller, callee or system."""

    cause: str
    by: str = "system"
    code: int | None = None


HUNG_UP = Ending("caller_hung_up", "caller")
PERSONA_HUNG_UP = Ending("persona_hung_up", "callee")
ROOM_CLOSED = Ending("room_closed")
MEDIA_TIMEOUT = Ending("media_timeout")
MAX_DURATION = Ending("max_duration")
TRANSFERRED = Ending("transferred")
DRAINED = Ending("drained")
UNREACHABLE = Ending("failed")
