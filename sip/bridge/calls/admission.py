"""The dialplan's word on who may come in, and the leg's own limits before that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from dialplans.admit import admit
from dialplans.call import ANONYMOUS, CallContext
from dialplans.decision import Refusal
from dialplans.model import Dialplan
from dialplans.numbers import calling_code, normalise
from dialplans.traffic import Traffic


class PlanSource(Protocol):
    """Where the current plan is; None while no plan was stored."""

    @property
    def plan(self) -> Dialplan | None: ...


class Admission:
    """Without a plan everything is left to livekit-server's trunks and rules."""

    def __init__(self, source: PlanSource) -> None:
        self._source = source
        self.traffic = Traffic()

    def read(self, call: CallContext) -> CallContext:
        """The numbers in international form, as the plan writes them."""
        plan = self._source.plan
        called = call.called
        if plan is not None and called not in plan.numbers:
            called = _ours(plan, called) or called
        caller = normalise(call.caller, like=called) or call.caller or ANONYMOUS
        return replace(call, called=called, caller=caller)

    def refusal(self, call: CallContext) -> Refusal | None:
        """None if the call may come in."""
        plan = self._source.plan
        if plan is None:
            return None
        now = datetime.now(UTC)
        return admit(plan, call, self.traffic.load(plan, call, now))

    def count(self, call: CallContext) -> None:
        """An attempt of the caller, for the limit of how often."""
        plan = self._source.plan
        if plan is not None:
            self.traffic.asked(plan, call, datetime.now(UTC))


def _ours(plan: Dialplan, called: str) -> str | None:
    """The number of ours that a national form means, read as in each country we have numbers of."""
    countries = {calling_code(number): number for number in plan.numbers}
    readings = (normalise(called, like=number) for number in countries.values())
    return next((number for number in readings if number in plan.numbers), None)
