"""Where a call is, as a value: everything the engine must remember between two happenings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dialplans.engine.decision import Decision, Destination, Step, destination
from dialplans.model import Action, PlaceKind
from dialplans.telephony.call import CallContext

FINAL = frozenset({PlaceKind.SAY, PlaceKind.REJECT, PlaceKind.CALLBACK, PlaceKind.HANG_UP})
"""At these places nothing more is decided: the words are said, and the call is over."""
MAX_PLACES = 200
"""A call that has been to so many places is going round in circles and is ended."""


@dataclass(frozen=True)
class State:
    call: CallContext
    language: str
    place: Destination
    path: tuple[str, ...]
    """Every place the call came to, and every offer that was made, in order."""
    steps: tuple[Step, ...]
    """What happened since the first decision, and why."""
    began: datetime
    since: datetime
    """When the call came to `place`, or when the present try of a menu began."""
    at: datetime
    """The moment up to which the clock has been looked at."""
    tries: int = 0
    """Menus: failed tries so far."""
    fired: int = 0
    """Queues: how many overflow steps have happened."""
    offered: bool = False
    """Queues: a callback was offered and not answered yet."""
    widened: tuple[str, ...] = ()
    """Queues: skills that are asked as well by now."""
    over: bool = False

    def noted(self, rule: str, because: str, *, matched: bool = True) -> State:
        return replace(self, steps=(*self.steps, Step(rule, matched, because)))

    def to(self, action: Action | None, rule: str, because: str) -> State:
        """Go on to the place an action leads to; without an action the call is ended, since
        nothing else would be left but silence."""
        there = Destination(PlaceKind.HANG_UP)
        if action is not None:
            there = destination(action, self.call, self.language)
        return self.arrive(there, rule, because)

    def arrive(self, there: Destination, rule: str, because: str) -> State:
        if len(self.path) >= MAX_PLACES and there.kind != PlaceKind.HANG_UP:
            because = f"the call has been to {MAX_PLACES} places and goes round in circles"
            there = Destination(PlaceKind.HANG_UP)
        return replace(
            self.noted(rule, because),
            place=there,
            path=(*self.path, str(there)),
            since=self.at,
            tries=0,
            fired=0,
            offered=False,
            widened=(),
            over=there.kind in FINAL,
        )


def begin(call: CallContext, decision: Decision, now: datetime) -> State:
    """The state right after the first decision, taken at `now`."""
    return State(
        call=call,
        language=decision.language,
        place=decision.action,
        path=(str(decision.action),),
        steps=(),
        began=now,
        since=now,
        at=now,
        over=decision.action.kind in FINAL,
    )
