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

_CAUSE = re.compile(r";\s*cause\s*=\s*\"?([0-9]{1,3})\b", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')


def dial_outcome(code: int, words: str = "", reasons: Iterable[str] = ()) -> EndCause:
    """`code` is the SIP status, `words` its reason phrase, `reasons` the values of `Reason`.

    A gateway to the telephone network often has one status for all that went wrong there, and says
    in `Reason` what it was: that counts more, where it says anything about the telephone.
    """
    if code == 408 and words == NO_RESPONSE:
        return EndCause.UNREACHABLE
    for cause in _q850(reasons):
        if cause in _OF_Q850:
            return _OF_Q850[cause]
    if 500 <= code < 600:
        return EndCause.UNREACHABLE
    return _OF_STATUS.get(code, EndCause.FAILED)


def _q850(reasons: Iterable[str]) -> Iterable[int]:
    for value in reasons:
        for one in _QUOTED.sub('""', value).split(","):
            protocol, _, parameters = one.partition(";")
            found = _CAUSE.search(f";{parameters}")
            if protocol.strip().lower() == "q.850" and found is not None:
                yield int(found[1])
