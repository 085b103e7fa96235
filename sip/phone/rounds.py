"""A round of calls: every number of the plan is dialled, and has to be heard."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.route import route
from dialplans.model import Dialplan, PlaceKind
from dialplans.telephony.call import CallContext
from sip.phone.call import RefusedError
from sip.phone.script import Conversation


@dataclass(frozen=True)
class Visit:
    """`skip` says why the number is not dialled, for the person at the terminal."""

    number: str
    skip: str = ""


def visits(plan: Dialplan, caller: str, now: datetime, *, source: str) -> list[Visit]:
    """All numbers that a telephone reaches, in the order of the plan. `source` is the address that
    the calls come from."""
    telephones = [name for name, number in plan.numbers.items() if number.trunk is not None]
    ready = CompiledPlan(plan)
    return [Visit(name, _why_not(ready, name, caller, now, source)) for name in telephones]


def _why_not(ready: CompiledPlan, number: str, caller: str, now: datetime, source: str) -> str:
    plan = ready.plan
    name = plan.numbers[number].trunk
    assert name is not None
    trunk = plan.trunks[name]
    if trunk.account is not None and not _within(source, trunk.allow):
        return f"its trunk {name} takes calls from {trunk.account.server}, where it registers"
    if trunk.allow and not _within(source, trunk.allow):
        return f"its trunk {name} takes calls from {', '.join(map(str, trunk.allow))} only"
    if trunk.auth is not None:
        return f"its trunk {name} wants a password"
    call = CallContext(called=number, caller=caller, trunk=name, source_ip=source)
    action = route(ready, call, now).action
    if action.kind == PlaceKind.REJECT:
        return f"the plan refuses {caller} now, with {action.params['code']}"
    if action.kind == PlaceKind.TARGET:
        return f"it would ring a telephone, target {action.name}"
    return ""


def _within(source: str, ranges: Sequence[object]) -> bool:
    address = ipaddress.ip_address(source)
    return any(address in ipaddress.ip_network(str(one), strict=False) for one in ranges)


async def go_round(
    wanted: Sequence[Visit],
    dial: Callable[[str], Awaitable[Conversation]],
    tell: Callable[[str], None],
) -> list[str]:
    """Dials one after the other; returns what is wrong, a sentence for each number that was not
    put through or not heard."""
    wrong = []
    for visit in wanted:
        if visit.skip:
            tell(f"{visit.number} is not dialled: {visit.skip}")
            continue
        try:
            conversation = await dial(visit.number)
        except RefusedError as error:
            wrong.append(f"{visit.number} is not put through: {error}")
            continue
        if conversation.silent:
            wrong.append(f"{visit.number} answers and is silent")
    return wrong
