"""Callers from the web who were let in and are not among the live calls yet."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Set as AbstractSet


class PendingWebCalls:
    """Whoever is not live within `lasts_s` does not come any more. What a question costs does not
    grow with how many come."""

    def __init__(self, lasts_s: float) -> None:
        self._lasts_s = lasts_s
        self._since: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._numbers: Counter[str] = Counter()

    def add(self, call: str, number: str) -> None:
        self.forget(call)
        self._since[call] = (number, time.monotonic())
        self._numbers[number] += 1

    def forget(self, call: str) -> None:
        number, _ = self._since.pop(call, (None, 0.0))
        if number is not None:
            self._numbers[number] -= 1

    def load(self, number: str, live: AbstractSet[str]) -> tuple[int, int]:
        """How many come, and how many of them to this number."""
        since = time.monotonic() - self._lasts_s
        while self._since:
            call, (_, at) = next(iter(self._since.items()))
            if at > since:
                break
            self.forget(call)
        for call in live & self._since.keys():
            self.forget(call)
        return len(self._since), self._numbers[number]
