"""Which addresses the kernel is to drop for us, because reading them to throw them away costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

WINDOW_SECONDS = 0.1
STRANGER_TOO_MANY = 20
PEER_TOO_MANY = 200
"""Turned away within one window, before the address is shut out for a while."""

ALL_TOO_MANY = 200
MOST_NAMED = 64
"""Beyond these, strangers are shut out altogether: they come from too many addresses to name."""

STRANGER_SHUT_SECONDS = 2.0
PEER_SHUT_SECONDS = 0.2


@dataclass(frozen=True)
class Shut:
    """Who is shut out now; `everybody` is all but the peers."""

    hosts: frozenset[str] = frozenset()
    everybody: bool = False

    def __bool__(self) -> bool:
        return self.everybody or bool(self.hosts)


@dataclass
class Blocklist:
    """Pure: told of everything that was turned away, it says when the kernel should help."""

    _window: float = float("-inf")
    _counts: Counter[str] = field(default_factory=Counter)
    _strangers: int = 0
    _until: dict[str, float] = field(default_factory=dict)
    _all_until: float = float("-inf")

    def turned_away(self, host: str, now: float, *, peer: bool) -> bool:
        """True if from now on somebody else is shut out than before."""
        if now - self._window >= WINDOW_SECONDS:
            self._window = now
            self._counts.clear()
            self._strangers = 0
        self._counts[host] += 1
        if not peer:
            self._strangers += 1
            if self._strangers >= ALL_TOO_MANY or len(self._until) > MOST_NAMED:
                return self._shut_all(now)
        if self._counts[host] < (PEER_TOO_MANY if peer else STRANGER_TOO_MANY):
            return False
        fresh = self._until.get(host, now) <= now
        self._until[host] = now + (PEER_SHUT_SECONDS if peer else STRANGER_SHUT_SECONDS)
        return fresh

    def shut(self, now: float) -> Shut:
        self._until = {host: until for host, until in self._until.items() if until > now}
        return Shut(frozenset(self._until), self._all_until > now)

    def next_change(self, now: float) -> float:
        """Seconds until somebody is let in again, if somebody is shut out."""
        ends = [until for until in (*self._until.values(), self._all_until) if until > now]
        return min(ends) - now if ends else 0.0

    def _shut_all(self, now: float) -> bool:
        fresh = self._all_until <= now
        self._all_until = now + STRANGER_SHUT_SECONDS
        return fresh
