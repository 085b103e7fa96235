"""How calls fail and end, as values made where it happens."""

from __future__ import annotations

from dataclasses import dataclass

from sip.bridge.ua.message import Headers


class RefusedError(Exception):
    """The call is not let in. `code` goes to the phone, the rest into the record.

    `silent` is for a caller that has the answer already (a CANCEL was answered with 487).
    """

    def __init__(
        self, code: int, reason: str, detail: str = "", *, words: str = "", headers: Headers = ()
    ) -> None:
        super().__init__(f"{code} {reason}: {detail}")
        self.code = code
        self.reason = reason
        self.detail = detail
        self.words = words
        self.headers = tuple(headers)


class ChallengedError(Exception):
    """A 407 went out: the caller comes again with credentials, and this was not yet a call."""


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
