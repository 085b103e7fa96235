"""Why a call is over for its job, in the words of the record."""

from __future__ import annotations

from livekit import rtc

Reason = rtc.DisconnectReason

LOST = "lost"
"""The job was cut off: the call may go on without it."""
STALE = "stale"
"""A newer job has the call."""
CALLER_HUNG_UP = "caller_hung_up"
PERSON_HUNG_UP = "person_hung_up"

GONE_FOR_GOOD = frozenset(
    {
        Reason.CLIENT_INITIATED,
        Reason.PARTICIPANT_REMOVED,
        Reason.ROOM_DELETED,
        Reason.ROOM_CLOSED,
        Reason.USER_REJECTED,
        Reason.USER_UNAVAILABLE,
        Reason.SIP_TRUNK_FAILURE,
    }
)
"""A caller who left so does not come back; after anything else they may."""

_SHOWN_OUT = frozenset({Reason.PARTICIPANT_REMOVED, Reason.ROOM_DELETED})

BY = {
    CALLER_HUNG_UP: "caller",
    "persona_hung_up": "persona",
    PERSON_HUNG_UP: "person",
    "caller_silent": "persona",
    "message_taken": "persona",
    "no_message": "persona",
}
"""Who ended it; whatever is not here was the system."""


def why_gone(reason: object) -> str:
    """The caller is gone, and not because of what the job did. Nobody but people removes a caller
    or deletes the room under one: a supervisor who hangs up while the job does not answer, or an
    administrator with LiveKit's own tools."""
    return PERSON_HUNG_UP if reason in _SHOWN_OUT else CALLER_HUNG_UP
