"""Where the dialplan lets a telephone transfer its call to, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import Destination, destination
from dialplans.engine.received import received
from dialplans.engine.route import route
from dialplans.model import Dialplan, PlaceKind, Target, Transfers
from dialplans.model.actions import PARTS
from dialplans.telephony.call import CallContext
from sip.bridge.calls.transfers.refer_to import ReferTo

TRUNK, TELEPHONE = "trunk", "telephone"
"""What a call's line is, before its name in the plan."""


class NotPermittedError(Exception):
    """`code` and `words` are the answer to the REFER; the text is a clause for the record."""

    def __init__(self, code: int, words: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.words = words


@dataclass(frozen=True)
class Permitted:
    """A place of the plan. `rung`: a telephone, which takes the place of the one that refers."""

    place: Destination
    rung: Target | None = None

    def __str__(self) -> str:
        return str(self.place)


def transfers_of(plan: Dialplan | None, line: str) -> Transfers:
    """What the plan says for the telephones on a line. Raises NotPermittedError."""
    kind, _, name = line.partition(" ")
    found = None
    if plan is not None and kind == TRUNK and name in plan.trunks:
        found = plan.trunks[name].transfers
    elif plan is not None and kind == TELEPHONE and name in plan.telephones:
        found = plan.telephones[name].transfers
    if found is None:
        raise NotPermittedError(
            603,
            "Decline (the dialplan lets nobody on this line transfer)",
            f"{line or 'its line'} has no `transfers` in the dialplan",
        )
    return found


def permitted(
    ready: CompiledPlan, transfers: Transfers, wanted: ReferTo, call: CallContext, now: datetime
) -> Permitted:
    """Where a call goes that is sent to what `wanted` dials. `call` is the caller whose call it is.
    Raises NotPermittedError."""
    action = transfers.to.get(wanted.user)
    if action is not None:
        place = destination(action, call, ready.plan.defaults.language)
    elif transfers.numbers:
        place = _by_number(ready, wanted, call, now)
    else:
        raise _unknown(wanted)
    target = ready.plan.targets.get(place.name) if place.kind == PlaceKind.TARGET else None
    direct = target is not None and target.rung is not None
    told_first = target is not None and (target.warm or target.confirm is not None)
    return Permitted(place, target if direct and not told_first else None)


def _by_number(
    ready: CompiledPlan, wanted: ReferTo, call: CallContext, now: datetime
) -> Destination:
    """By the rules of the number, for this caller and at this moment."""
    read = received(ready.plan, CallContext(called=wanted.uri, caller=call.caller))
    if read.called not in ready.plan.numbers:
        raise _unknown(wanted)
    asked = CallContext(called=read.called, caller=call.caller, call_id=call.call_id)
    decision = route(ready, asked, now)
    if decision.action.kind in PARTS:
        return decision.action
    code = decision.refused.code if decision.refused is not None else 603
    raise NotPermittedError(code, "", f"the rules of {read.called} say `{decision.action}`")


def _unknown(wanted: ReferTo) -> NotPermittedError:
    return NotPermittedError(
        404,
        "Not Found (the dialplan names no such place to transfer to)",
        f"`transfers` of its line do not name {wanted.user or wanted.host!r}",
    )
