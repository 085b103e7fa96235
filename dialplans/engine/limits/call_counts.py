"""Counts of what is going on, for `admit`: the one part of admission that remembers."""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime

from dialplans.engine.admit import Load
from dialplans.model import Dialplan
from dialplans.telephony.call import CallContext

REMEMBERED_CALLERS = 10_000
"""Callers whose window is kept; beyond it the one heard of longest ago is forgotten."""


class Traffic:
    """Who is on the line now, and who called lately. One a process that lets calls in."""

    def __init__(self) -> None:
        self._up: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()
        self._recent: dict[str, deque[datetime]] = {}

    def load(self, plan: Dialplan, call: CallContext, now: datetime) -> Load:
        """What `admit` must know about this call, before it is counted itself."""
        rate = plan.limits.per_caller
        recent = self._recent.get(call.asserted or call.caller, deque())
        since = now - rate.per if rate is not None else now
        lately = sum(1 for moment in recent if moment > since)
        return Load(len(self._up), self._numbers[call.called], lately, now)

    def asked(self, plan: Dialplan, call: CallContext, now: datetime) -> None:
        """Count an attempt of a caller; refused ones count as well, or a redial robot would get
        through each time its window ends."""
        rate = plan.limits.per_caller
        if rate is None:
            return
        who = call.asserted or call.caller
        recent = self._recent.pop(who, None) or deque(maxlen=rate.count + 1)
        recent.append(now)
        self._recent[who] = recent
        if len(self._recent) > REMEMBERED_CALLERS:
            self._recent.pop(next(iter(self._recent)))

    def began(self, call: CallContext) -> None:
        """The call is up; told twice about one call it is still one."""
        if call.call_id not in self._up:
            self._up[call.call_id] = call.called
            self._numbers[call.called] += 1

    def ended(self, call_id: str) -> None:
        called = self._up.pop(call_id, None)
        if called is not None:
            self._numbers[called] -= 1
            if not self._numbers[called]:
                del self._numbers[called]

    def __len__(self) -> int:
        return len(self._up)
