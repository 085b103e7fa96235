"""How much one address may send before it is told to slow down, and then not heard at all."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum

MAX_SOURCES = 10_000
"""Addresses remembered; the one that was quiet for longest is forgotten first."""


class Judgement(Enum):
    PASS = "pass"  # noqa: S105 - not a password
    REFUSE = "refuse"
    """Say 503 without keeping anything."""
    DROP = "drop"


@dataclass(frozen=True)
class Rate:
    """Tokens a second and how many may be saved up."""

    per_second: float
    burst: float


@dataclass
class _Bucket:
    rate: Rate
    tokens: float
    at: float

    def take(self, now: float) -> bool:
        saved = self.tokens + (now - self.at) * self.rate.per_second
        self.tokens = min(self.rate.burst, saved)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class _Source:
    messages: _Bucket
    calls: _Bucket
    refusals: _Bucket
    reported: float = float("-inf")
    """When the flood was last reported."""


class Guard:
    """A token bucket an address for messages, one for new calls, one for the refusals of those.

    Pure: the caller brings the clock.
    """

    def __init__(
        self, *, calls: Rate, messages: Rate, refusals: Rate = Rate(5, 10), report_every: float = 10
    ) -> None:
        self._calls, self._messages, self._refusals = calls, messages, refusals
        self._report_every = report_every
        self._sources: OrderedDict[str, _Source] = OrderedDict()

    def message(self, source: str, now: float) -> bool:
        """Whether to read this datagram at all."""
        return self._source(source, now).messages.take(now)

    def call(self, source: str, now: float) -> Judgement:
        """Whether this INVITE (not a retransmission) may go further."""
        known = self._source(source, now)
        if known.calls.take(now):
            return Judgement.PASS
        return Judgement.REFUSE if known.refusals.take(now) else Judgement.DROP

    def worth_reporting(self, source: str, now: float) -> bool:
        """True once in a while, so that a flood of calls is not a flood of records."""
        known = self._source(source, now)
        if now - known.reported < self._report_every:
            return False
        known.reported = now
        return True

    def _source(self, source: str, now: float) -> _Source:
        known = self._sources.get(source)
        if known is None:
            known = self._sources[source] = _Source(
                messages=_Bucket(self._messages, self._messages.burst, now),
                calls=_Bucket(self._calls, self._calls.burst, now),
                refusals=_Bucket(self._refusals, self._refusals.burst, now),
            )
            if len(self._sources) > MAX_SOURCES:
                self._sources.popitem(last=False)
        self._sources.move_to_end(source)
        return known
