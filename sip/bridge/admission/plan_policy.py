"""The dialplan's word on who may come in, and the leg's own limits before that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from dialplans.engine.admit import admit, inside
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import Refusal
from dialplans.engine.limits.call_counts import Traffic
from dialplans.engine.received import received
from dialplans.model import Dialplan, Trunk
from dialplans.telephony.call import CallContext


class PlanSource(Protocol):
    """Where the current plan is; None while no plan was stored."""

    @property
    def current(self) -> CompiledPlan | None: ...


def hears_tones(trunk: Trunk | None) -> bool:
    """Whether keys come as tones on it. Nobody listens for them where no plan says so: whoever
    hears nothing but speech can mishear nothing."""
    return trunk is not None and trunk.dtmf == "inband"


class PlanPolicy:
    """Without a plan everything is left to livekit-server's trunks and rules."""

    def __init__(self, source: PlanSource) -> None:
        self._source = source
        self.traffic = Traffic()

    @property
    def ready(self) -> CompiledPlan | None:
        """The one in force."""
        return self._source.current

    @property
    def plan(self) -> Dialplan | None:
        """The same, as it is written."""
        return self._source.current.plan if self._source.current is not None else None

    def read(self, call: CallContext) -> CallContext:
        """The call's facts, its numbers as the plan writes them."""
        return received(self.plan, call)

    def refusal(self, call: CallContext) -> Refusal | None:
        """None if the call may come in."""
        ready = self._source.current
        if ready is None:
            return None
        now = datetime.now(UTC)
        return admit(ready, call, self.traffic.load(ready.plan, call, now))

    def trunk(self, call: CallContext) -> Trunk | None:
        """Of the number called; None where there is no plan, or it does not know the number."""
        plan = self.plan
        number = plan.numbers.get(call.called) if plan is not None else None
        return plan.trunks.get(number.trunk or "") if plan is not None and number else None

    def trunk_name(self, call: CallContext) -> str:
        """What the plan calls the trunk that brought the call; empty where it does not know."""
        plan = self.plan
        number = plan.numbers.get(call.called) if plan is not None else None
        return call.trunk or (number.trunk if number is not None else None) or ""

    def tones_from(self, address: str) -> bool:
        """Whether somebody who is called by a trunk with this address sends keys as tones, too."""
        plan = self.plan
        trunks = plan.trunks.values() if plan is not None else ()
        return any(
            hears_tones(trunk)
            for trunk in trunks
            if (trunk.outbound is not None and trunk.outbound.address == address)
            or (trunk.account is not None and trunk.account.server == address)
        )

    def lets_in_by_address(self, call: CallContext) -> bool:
        """Whether whoever sends from there may call this number without further ado."""
        plan, trunk = self.plan, self.trunk(call)
        if plan is None or trunk is None or trunk.account is not None:
            return False
        return call.source_ip is not None and inside(call.source_ip, trunk.allow)

    def has(self, call: CallContext) -> bool:
        """Whether the number called is one of the plan's; without a plan every number may be."""
        plan = self.plan
        return plan is None or call.called in plan.numbers

    def count(self, call: CallContext) -> None:
        """An attempt of the caller, for the limit of how often."""
        plan = self.plan
        if plan is not None:
            self.traffic.asked(plan, call, datetime.now(UTC))
