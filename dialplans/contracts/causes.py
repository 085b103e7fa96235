"""Why calls end and why they never come in: stable words for records, figures and the console.

Events carry them as text, so that a word of another release can still be read.
"""

from __future__ import annotations

from dialplans.contracts.words import Word


class EndCause(Word):
    """`cause` of `events.Ended`."""

    CALLER_HUNG_UP = "caller_hung_up"
    PERSONA_HUNG_UP = "persona_hung_up"
    PERSON_HUNG_UP = "person_hung_up"
    CALLER_SILENT = "caller_silent"
    MESSAGE_TAKEN = "message_taken"
    NO_MESSAGE = "no_message"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    WRONG_NUMBER = "wrong_number"
    MAX_DURATION = "max_duration"
    MEDIA_TIMEOUT = "media_timeout"
    ROOM_CLOSED = "room_closed"
    DRAINED = "drained"
    FAILED = "failed"


class EndedBy(Word):
    """`by` of `events.Ended`."""

    CALLER = "caller"
    CALLEE = "callee"
    PERSONA = "persona"
    PERSON = "person"
    SYSTEM = "system"


class RefusalReason(Word):
    """`reason` of `events.Refused`."""

    NO_SUCH_NUMBER = "no_such_number"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    BLOCKED = "blocked"
    REJECTED_BY_PLAN = "rejected_by_plan"
    REJECTED = "rejected"
    LIMIT_CALLER = "limit_caller"
    LIMIT_NUMBER = "limit_number"
    LIMIT_CONCURRENT = "limit_concurrent"
    FLOOD = "flood"
    BUSY = "busy"
    DRAINING = "draining"
    NO_WORKER = "no_worker"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"
    SERVER_AWAY = "server_away"
    PIN_UNSUPPORTED = "pin_unsupported"
    MEDIA_UNSUPPORTED = "media_unsupported"
    MEDIA_ADDRESS = "media_address"
    ENCRYPTION_UNSUPPORTED = "encryption_unsupported"
    FAILED = "failed"

    @property
    def of_a_limit(self) -> bool:
        """There are too many calls already; a later one may come in."""
        return self in (self.LIMIT_CALLER, self.LIMIT_NUMBER, self.LIMIT_CONCURRENT)
