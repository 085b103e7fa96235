"""Addresses that did not answer are tried last for a while, longer each time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sip.bridge.carriers.locate import Hop

FIRST_SECONDS, LONGEST_SECONDS = 15.0, 300.0
REMEMBERED = 1000


@dataclass
class _Failed:
    times: int
    until: float


class Failing:
    """Times are seconds of one steady clock, which the caller holds."""

    def __init__(self) -> None:
        self._failed: dict[Hop, _Failed] = {}

    def note(self, hop: Hop, now: float, *, retry_after: float = 0.0) -> None:
        """It did not answer, or asked to be left alone for so many seconds."""
        before = self._failed.pop(hop, None)
        times = (before.times if before is not None else 0) + 1
        wait = min(FIRST_SECONDS * 2 ** min(times - 1, 10), LONGEST_SECONDS)
        until = now + max(wait, min(retry_after, LONGEST_SECONDS))
        self._failed[hop] = _Failed(times, until)
        while len(self._failed) > REMEMBERED:
            del self._failed[next(iter(self._failed))]

    def forget(self, hop: Hop) -> None:
        """It has answered."""
        self._failed.pop(hop, None)

    def is_failing(self, hop: Hop, now: float) -> bool:
        failed = self._failed.get(hop)
        return failed is not None and failed.until > now

    def ordered(self, hops: Iterable[Hop], now: float) -> list[Hop]:
        """Those that fail come last, whichever may be tried again soonest first; none is left out:
        it may be the only one."""
        return sorted(hops, key=lambda hop: self._until(hop, now))

    def _until(self, hop: Hop, now: float) -> float:
        failed = self._failed.get(hop)
        return failed.until if failed is not None and failed.until > now else 0.0
