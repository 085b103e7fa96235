"""What a look into a room calls for: a pure judgement over what was seen, and when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from dialplans.contracts.jobs import Claim
from gateway.steward.livekit import Seen

RINGS_S = 2.0
"""A caller who has rung this long without an agent gets another one dispatched."""
STARTS_S = 6.0
"""The same, where an agent is in the room already: it is about to claim its lease. Another job
beside it would only make both slower, which is how a busy machine comes to a standstill."""
ORPHANED_S = 0.3
"""The same, where there was a job before: nothing is about to come by itself."""
GONE_S = 1.5
"""A caller away for this long has hung up; shorter, the leg is only joining again."""
OVER_S = 0.8
"""After a job's goodbye the caller's leg has this long to leave by itself."""
GHOST_S = 1.0


class Act(Enum):
    NOTHING = auto()
    DISPATCH = auto()
    DELETE = auto()
    REMOVE_GHOSTS = auto()


@dataclass
class Watched:
    """What is remembered of a room between two looks; times are of a monotonic clock."""

    since: float
    sid: str = ""
    caller_since: float | None = None
    gone_since: float | None = None
    unheld_since: float | None = None
    ghost_since: float | None = None
    over_since: float | None = None
    had_job: bool = False


def judge(room: Watched, seen: Seen, holder: Claim | None, now: float) -> Act:
    """Remembers the look in `room` and says what to do about it."""
    if seen.sid and seen.sid != room.sid:
        # livekit-server made the room anew: whoever was there may be about to come back.
        room.sid, room.caller_since, room.gone_since, room.unheld_since = seen.sid, None, None, None
    if seen.callers:
        room.caller_since = room.caller_since or now
        room.gone_since = None
    elif room.caller_since is not None:
        room.gone_since = room.gone_since or now
    room.had_job = room.had_job or holder is not None
    return _over(room, now) or _unheld(room, seen, holder, now) or _ghosts(room, seen, holder, now)


def _over(room: Watched, now: float) -> Act | None:
    if room.over_since is not None and now - room.over_since >= OVER_S:
        return Act.DELETE
    if room.gone_since is not None and now - room.gone_since >= GONE_S:
        return Act.DELETE
    return None


def _unheld(room: Watched, seen: Seen, holder: Claim | None, now: float) -> Act | None:
    """Only the lease counts: the server goes on listing a dead agent as active."""
    if holder is not None or not seen.callers or room.over_since is not None:
        room.unheld_since = None
        return None
    room.unheld_since = room.unheld_since or now
    patience = ORPHANED_S if room.had_job else STARTS_S if seen.agents else RINGS_S
    return Act.DISPATCH if now - room.unheld_since >= patience else None


def _ghosts(room: Watched, seen: Seen, holder: Claim | None, now: float) -> Act:
    if holder is None or not any(agent != holder.identity for agent in seen.agents):
        room.ghost_since = None
        return Act.NOTHING
    room.ghost_since = room.ghost_since or now
    return Act.REMOVE_GHOSTS if now - room.ghost_since >= GHOST_S else Act.NOTHING
