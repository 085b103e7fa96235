"""What became of a telephone that we rang, from what its side of the line said."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialplans.contracts.causes import EndCause

NO_RESPONSE = "No Response"
"""Our own words of a 408 that nobody sent: whoever was asked said nothing at all. They are what
tells it from a telephone that rang until its time was up."""

_OF_STATUS = {
    403: EndCause.DECLINED,
    404: EndCause.WRONG_NUMBER,
    408: EndCause.NO_ANSWER,
    410: EndCause.WRONG_NUMBER,
    430: EndCause.UNREACHABLE,
    433: EndCause.DECLINED,
    480: EndCause.NO_ANSWER,
    482: EndCause.UNREACHABLE,
    483: EndCause.UNREACHABLE,
    484: EndCause.WRONG_NUMBER,
    485: EndCause.WRONG_NUMBER,
    486: EndCause.BUSY,
    487: EndCause.NO_ANSWER,
    600: EndCause.BUSY,
    603: EndCause.DECLINED,
    604: EndCause.WRONG_NUMBER,
    607: EndCause.DECLINED,
    608: EndCause.DECLINED,
}
"""408 that somebody sent is `no user responding` of the telephone network (RFC 3398 §7.2.4.1)."""

_OF_Q850 = {
    1: EndCause.WRONG_NUMBER,
    2: EndCause.UNREACHABLE,
    3: EndCause.UNREACHABLE,
    17: EndCause.BUSY,
    18: EndCause.NO_ANSWER,
    19: EndCause.NO_ANSWER,
    20: EndCause.NO_ANSWER,
    21: EndCause.DECLINED,
    22: EndCause.WRONG_NUMBER,
    27: EndCause.UNREACHABLE,
    28: EndCause.WRONG_NUMBER,
    34: EndCause.UNREACHABLE,
    38: EndCause.UNREACHABLE,
    41: EndCause.UNREACHABLE,
    42: EndCause.UNREACHABLE,
    44: EndCause.UNREACHABLE,
    47: EndCause.UNREACHABLE,
    102: EndCause.UNREACHABLE,
}
"""ITU-T Q.850, as `Reason: Q.850;cause=17` (RFC 3326, RFC 6432)."""

Q850_WORDS = {
    1: "unallocated number",
    2: "no route to the transit network",
    3: "no route to the destination",
    16: "normal clearing",
    17: "user busy",
    18: "no user responding",
    19: "no answer from the user",
    20: "subscriber absent",
    21: "call rejected",
    22: "number changed",
    23: "redirection to a new destination",
    26: "answered elsewhere",
    27: "destination out of order",
    28: "invalid number format",
    29: "facility rejected",
    31: "normal, unspecified",
    34: "no circuit available",
    38: "network out of order",
    41: "temporary failure",
    42: "switching equipment congestion",
    43: "access information discarded",
    44: "requested circuit not available",
    47: "resource unavailable",
    50: "requested facility not subscribed",
    55: "incoming calls barred",
    57: "bearer capability not authorised",
    58: "bearer capability not available",
    63: "service not available",
    65: "bearer capability not implemented",
    79: "service not implemented",
    88: "incompatible destination",
    95: "invalid message",
    102: "recovery on timer expiry",
    111: "protocol error",
    127: "interworking, unspecified",
}
NORMAL = frozenset((16, 26, 31))
"""Causes of a call that ended as calls do."""

_CAUSE = re.compile(r";\s*cause\s*=\s*\"?([0-9]{1,3})\b", re.IGNORECASE)
_IN_WORDS = re.compile(r"\(Q\.850;cause=([0-9]{1,3})\)\Z")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')


def dial_outcome(code: int, words: str = "", reasons: Iterable[str] = ()) -> EndCause:
    """`code` is the SIP status, `words` its reason phrase, `reasons` the values of `Reason`.

    A gateway to the telephone network often has one status for all that went wrong there, and says
    in `Reason` what it was: that counts more, where it says anything about the telephone. It may
    stand in the words, as `with_q850` writes it.
    """
    if code == 408 and words == NO_RESPONSE:
        return EndCause.UNREACHABLE
    told = _IN_WORDS.search(words)
    for cause in [*q850(reasons), *([int(told[1])] if told is not None else [])]:
        if cause in _OF_Q850:
            return _OF_Q850[cause]
    if 500 <= code < 600:
        return EndCause.UNREACHABLE
    return _OF_STATUS.get(code, EndCause.FAILED)


def with_q850(words: str, cause: int | None) -> str:
    """A reason phrase for whoever gets nothing else of an answer: LiveKit's API hands on a status
    and its words."""
    return words if cause is None else f"{words} (Q.850;cause={cause})".lstrip()


def q850_words(cause: int) -> str:
    """`Q.850 cause 17: user busy`, for people."""
    known = Q850_WORDS.get(cause)
    return f"Q.850 cause {cause}" + (f": {known}" if known else "")


def first_q850(reasons: Iterable[str]) -> int | None:
    return next(iter(q850(reasons)), None)


def q850(reasons: Iterable[str]) -> Iterable[int]:
    """The causes that the values of `Reason` (RFC 3326) name, in order; one that Q.850 cannot have
    is none."""
    for value in reasons:
        for one in _QUOTED.sub(_without_separators, value).split(","):
            protocol, _, parameters = one.partition(";")
            found = _CAUSE.search(f";{parameters}")
            if protocol.strip().lower() == "q.850" and found and 0 < int(found[1]) < 128:
                yield int(found[1])


def _without_separators(quoted: re.Match[str]) -> str:
    return re.sub(r"[,;=]", " ", quoted[0])
