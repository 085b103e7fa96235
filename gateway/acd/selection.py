"""Who is rung next for which call. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from dialplans.speech.language import base_language
from gateway.live.seat import Seat, SeatState, spoken
from gateway.records.call import Call

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def in_line(calls: Iterable[Call]) -> list[Call]:
    """Those who wait for a person, most urgent first, then whoever waits longest."""
    waiting = [c for c in calls if c.live and c.wanted is not None]
    return sorted(waiting, key=lambda c: (-_wanted(c)[0], _wanted(c)[1]))


def _wanted(call: Call) -> tuple[int, datetime]:
    return (call.wanted.priority, call.wanted.at) if call.wanted else (0, call.started_at)


def suits(skills: Sequence[str], call: Call) -> bool:
    """A person needs every skill that is asked for, and the caller's language; a call that asks
    for no skill, and a person who names no language, suit everybody. Skills are compared as they
    are written: `speaks:DE` is no language that a plan can ask for."""
    if call.wanted is None or not set(call.wanted.skills) <= set(skills):
        return False
    tongues = {language.split("-")[0] for language in spoken(skills)}
    return not tongues or base_language(call.wanted.language) in tongues


def longest_idle(
    seats: Mapping[str, Seat], call: Call, may_ring: Callable[[Seat], bool]
) -> Seat | None:
    able = [s for s in seats.values() if s.state == SeatState.READY and suits(s.skills, call)]
    ready = [s for s in able if may_ring(s)]
    return min(ready, key=lambda s: (s.idle_since or _LONG_AGO, s.name), default=None)
