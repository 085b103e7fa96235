"""How calls end, as values made where it happens."""

from __future__ import annotations

from dataclasses import dataclass

from dialplans.contracts.causes import EndCause, EndedBy


@dataclass(frozen=True)
class Ending:
    """What `dialplans.contracts.events.Ended` says of it."""

    cause: EndCause
    by: EndedBy = EndedBy.SYSTEM
    code: int | None = None


HUNG_UP = Ending(EndCause.CALLER_HUNG_UP, EndedBy.CALLER)
CALLEE_HUNG_UP = Ending(EndCause.PERSON_HUNG_UP, EndedBy.CALLEE)
"""Of a call that we have made."""
PERSONA_HUNG_UP = Ending(EndCause.PERSONA_HUNG_UP, EndedBy.CALLEE)
ROOM_CLOSED = Ending(EndCause.ROOM_CLOSED)
MEDIA_TIMEOUT = Ending(EndCause.MEDIA_TIMEOUT)
MAX_DURATION = Ending(EndCause.MAX_DURATION)
TRANSFERRED = Ending(EndCause.TRANSFERRED)
DRAINED = Ending(EndCause.DRAINED)
UNREACHABLE = Ending(EndCause.FAILED)
