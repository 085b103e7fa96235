"""Whether a request that was refused is sent again, when, and with what in addition."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling.digest import Login, prove

MOST_TIMES = 4
MOST_PROOFS = 2
"""A login once, and once more if its nonce was stale by then."""

LONGEST_WAIT = 10.0
"""Who wants to be left alone for longer than this has refused, as far as a call is concerned."""

OWNER = (2.1, 4.0)
OTHER = (0.0, 2.0)
"""Seconds between which the side that made the Call-ID, and the other one, wait after a glare: they
must not meet again (RFC 3261 §14.1)."""

_DIGITS = re.compile(r"\s*([0-9]{1,10})\b", re.ASCII)


@dataclass
class Again:
    """One request on its way. `owner` is whether the Call-ID is ours."""

    login: Login | None
    owner: bool
    uniform: Callable[[float, float], float] = random.uniform
    proofs: dict[str, str] = field(default_factory=dict)
    """Headers that the next try carries."""
    _times: int = 0
    _challenged: int = 0

    def after(self, request: SipRequest, response: SipResponse) -> float | None:
        """Seconds until it may be sent again; None if the answer is what there will be."""
        code = response.status_code
        if code in (401, 407):
            return 0.0 if self._proves(request, response) else None
        if self._times >= MOST_TIMES:
            return None
        wait = None
        if code == 491 and request.method in ("INVITE", "UPDATE"):
            wait = self.uniform(*(OWNER if self.owner else OTHER))
        elif code in (500, 503):
            wait = retry_after(response)
        if wait is None or wait > LONGEST_WAIT:
            return None
        self._times += 1
        return wait

    def _proves(self, request: SipRequest, response: SipResponse) -> bool:
        if self._challenged >= MOST_PROOFS:
            return False
        if not prove(self.login, response, request.method, request.uri, self.proofs):
            return False
        self._challenged += 1
        return True


def retry_after(response: SipResponse) -> float | None:
    """Seconds (RFC 3261 §20.33), behind which a comment and parameters may stand; None where it
    says nothing that can be read."""
    found = _DIGITS.match(response.get_header("retry-after") or "")
    return float(found[1]) if found is not None else None
