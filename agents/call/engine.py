"""Where a call stands in its plan: the dialplan's engine, with the call's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from dialplans.engine.call_inputs import Happening, HappeningKind
from dialplans.engine.decision import Destination, destination
from dialplans.engine.state import State
from dialplans.engine.step import in_its_language, step
from dialplans.model import Action, Dialplan, PlaceKind
from dialplans.telephony.call import CallContext


@dataclass
class Engine:
    """Decides by pure functions; `state` is what they said last."""

    plan: Dialplan
    context: CallContext
    state: State
    now: Callable[[], datetime]

    @property
    def place(self) -> Destination:
        return self.state.place

    @property
    def language(self) -> str:
        """What the plan wants spoken by now, whether or not there is a voice for it."""
        return self.state.language

    def happen(self, happening: Happening | HappeningKind) -> bool:
        """Says whether the call is at another place now.

        A menu's clock runs from the end of its words and a target's is the telephone's own, which
        only the line knows: there no time passes for the engine, and it is told what comes of it.
        """
        before = self.place
        now = self.now()
        by_line = before.kind in (PlaceKind.MENU, PlaceKind.TARGET)
        state = step(self.plan, self.state, happening, None if by_line else now)
        moved = state.place is not before
        self.state = replace(state, since=now, at=now) if moved else state
        return moved

    def send_to(self, action: Action, who: str) -> None:
        """Somebody decided, not the plan: the call goes to this place of it."""
        now = self.now()
        there = destination(action, self.context, self.language)
        moved = self.state.arrive(there, "transfer", f"{who} sends the call there")
        self.state = in_its_language(self.plan, replace(moved, since=now, at=now))

    def resume_at(self, there: Destination) -> None:
        """The job that had the call before stopped there."""
        self.state = self.state.arrive(there, "resume", "the job before this one died")
