"""Why a telephone that we called did not take the call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Self

from aiosipua.message import SipResponse

from dialplans.contracts.causes import EndCause
from dialplans.contracts.dial_outcome import NO_RESPONSE, dial_outcome, first_q850
from sip.bridge.signalling.dialogs.again import retry_after

LONGEST_DETAIL = 200
_REASON_TEXT = re.compile(r';\s*text\s*=\s*"((?:\\.|[^"\\])*)"', re.IGNORECASE)
_WARNING_TEXT = re.compile(r'^\s*[0-9]{3}\s+\S+\s+"((?:\\.|[^"\\])*)"')


class NotAnsweredError(Exception):
    """`code` is the SIP status, also where nobody sent one: 408 without an answer, 487 where we
    gave up, 503 without a way there. `cause` is what it means for the call, `detail` the sentence
    for people, and `theirs` whether the other side said it."""

    def __init__(
        self,
        code: int,
        words: str,
        *,
        cause: EndCause | None = None,
        detail: str = "",
        theirs: bool = False,
        elsewhere: bool = False,
    ) -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words
        self.cause = cause or dial_outcome(code, words)
        self.detail = detail or words
        self.theirs = theirs
        self.elsewhere = elsewhere
        """Another address of the same carrier may do better (RFC 3263 §4.3)."""
        self.retry_after = 0.0
        self.q850: int | None = None
        """The cause that the telephone network gave."""

    @classmethod
    def refused(cls, response: SipResponse) -> Self:
        """By a final answer of the other side."""
        code, words = response.status_code, response.reason_phrase
        reasons = response.headers.get("reason")
        said = f"the other side answered {code} {words}".rstrip()
        why = next(_texts(response), "")
        cause = dial_outcome(code, reasons=reasons)
        made = cls(
            code,
            words,
            cause=cause,
            detail=printable(f"{said}: {why}" if why else said),
            theirs=True,
            elsewhere=code == 503 and cause is EndCause.UNREACHABLE,
        )
        made.q850 = first_q850(reasons)
        made.retry_after = retry_after(response) or 0.0
        return made

    @classmethod
    def given_up(cls, why: str) -> Self:
        """By whoever wanted the call."""
        return cls(487, "Request Terminated", cause=EndCause.CANCELLED, detail=why)

    @classmethod
    def rang_out(cls, seconds: float) -> Self:
        detail = f"nobody answered within {seconds:g} s"
        return cls(408, "Request Timeout", cause=EndCause.NO_ANSWER, detail=detail)

    @classmethod
    def silent(cls, where: str) -> Self:
        """Not even a provisional answer came: nobody is there, or the way is broken."""
        return cls(408, NO_RESPONSE, detail=f"no answer at all from {where}", elsewhere=True)

    @classmethod
    def no_way(cls, why: str) -> Self:
        """Nothing could be sent (RFC 3261 §8.1.3.1)."""
        return cls(503, "Service Unavailable", detail=printable(why), elsewhere=True)


class MovedError(NotAnsweredError):
    """The other side names other places for the call (3xx)."""

    def __init__(self, response: SipResponse) -> None:
        code, words = response.status_code, response.reason_phrase
        super().__init__(code, words, cause=EndCause.FAILED, theirs=True)
        self.response = response

    def because(self, why: str) -> NotAnsweredError:
        """Why it is not followed."""
        detail = printable(f"redirected with {self.code} {self.words}: {why}")
        made = NotAnsweredError(self.code, self.words, cause=self.cause, theirs=True)
        made.detail = detail
        return made


def printable(text: str) -> str:
    """One line, without what a stranger might have put into it to fool a terminal."""
    cleaned = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return cleaned if len(cleaned) <= LONGEST_DETAIL else f"{cleaned[: LONGEST_DETAIL - 1]}…"


def _texts(response: SipResponse) -> Iterator[str]:
    for name, pattern in (("reason", _REASON_TEXT), ("warning", _WARNING_TEXT)):
        for value in response.headers.get(name):
            found = pattern.search(value)
            if found is not None and found[1].strip():
                yield found[1]
