"""How a call is turned away, as values made where it happens."""

from __future__ import annotations

from dialplans.contracts.causes import RefusalReason
from sip.bridge.signalling.message import Headers


class RefusedError(Exception):
    """The call is not let in. `code` goes to the phone, the rest into the record."""

    def __init__(
        self,
        code: int,
        reason: RefusalReason,
        detail: str = "",
        *,
        words: str = "",
        headers: Headers = (),
    ) -> None:
        super().__init__(f"{code} {reason}: {detail}")
        self.code = code
        self.reason = reason
        self.detail = detail
        self.words = words
        self.headers = tuple(headers)


class ChallengedError(Exception):
    """A 407 went out: the caller comes again with credentials, and this was not yet a call."""
