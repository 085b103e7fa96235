"""Why a call is over for its job, in the words of the record."""

from __future__ import annotations

from livekit import rtc

from dialplans.contracts.causes import EndCause, EndedBy
from dialplans.contracts.words import Word

Reason = rtc.DisconnectReason


class JobEnd(Word):
    """Why a job is over whose call may go on without it. No record has these words."""

    LOST = "lost"
    """The job was cut off."""
    STALE = "stale"
    """A newer job has the call."""


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

ENDED_BY = {
    EndCause.CALLER_HUNG_UP: EndedBy.CALLER,
    EndCause.PERSONA_HUNG_UP: EndedBy.PERSONA,
    EndCause.PERSON_HUNG_UP: EndedBy.PERSON,
    EndCause.CALLER_SILENT: EndedBy.PERSONA,
    EndCause.MESSAGE_TAKEN: EndedBy.PERSONA,
    EndCause.NO_MESSAGE: EndedBy.PERSONA,
    EndCause.TRANSFERRED: EndedBy.SYSTEM,
    EndCause.CANCELLED: EndedBy.SYSTEM,
    EndCause.NO_ANSWER: EndedBy.SYSTEM,
    EndCause.BUSY: EndedBy.SYSTEM,
    EndCause.DECLINED: EndedBy.SYSTEM,
    EndCause.UNREACHABLE: EndedBy.SYSTEM,
    EndCause.WRONG_NUMBER: EndedBy.SYSTEM,
    EndCause.MAX_DURATION: EndedBy.SYSTEM,
    EndCause.MEDIA_TIMEOUT: EndedBy.SYSTEM,
    EndCause.ROOM_CLOSED: EndedBy.SYSTEM,
    EndCause.DRAINED: EndedBy.SYSTEM,
    EndCause.FAILED: EndedBy.SYSTEM,
}
"""Who ended it, as a job sees it."""


def why_gone(reason: object) -> EndCause:
    """The caller is gone, and not because of what the job did. Nobody but people removes a caller
    or deletes the room under one: a supervisor who hangs up while the job does not answer, or an
    administrator with LiveKit's own tools."""
    return EndCause.PERSON_HUNG_UP if reason in _SHOWN_OUT else EndCause.CALLER_HUNG_UP
