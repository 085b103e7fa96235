"""May this call come in at all, and if not, with which code and why.

One pure function, so that every entrance refuses alike and records the same reason. Codes are SIP
status codes (RFC 3261 §21).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache

from dialplans.contracts.causes import RefusalReason
from dialplans.engine.compiled import CompiledPlan
from dialplans.engine.decision import Refusal
from dialplans.engine.route import no_such_number, route
from dialplans.model import TELEPHONES, Dialplan, Trunk, is_internal
from dialplans.telephony.call import WEB_TRUNK, CallContext


@dataclass(frozen=True, slots=True)
class Load:
    """What is going on while a call asks to come in; the call itself is not counted.

    `by_caller` counts this caller's calls within the window of `limits.per_caller`. Without `now`
    the rules are not asked, only the limits; `dialplans.engine.limits` keeps the counts.
    """

    total: int = 0
    on_number: int = 0
    by_caller: int = 0
    now: datetime | None = None


def admit(ready: CompiledPlan, call: CallContext, load: Load) -> Refusal | None:
    """None if the call may come in. The cheapest and most certain reasons are looked at first."""
    plan = ready.plan
    number = plan.numbers.get(call.called)
    if number is None:
        return _not_ours(plan, call.called)
    refused = _at_the_door(plan, call, number.trunk) or _over_a_limit(plan, call, load)
    if refused is not None:
        return refused
    return route(ready, call, load.now).refused if load.now is not None else None


def nearest(plan: Dialplan, called: str) -> str | None:
    """Our number that is most like one that is not ours."""
    near = get_close_matches(called[:64], plan.numbers, 1, 0.6)
    return near[0] if near else None


def _not_ours(plan: Dialplan, called: str) -> Refusal:
    refused = no_such_number(called)
    near = nearest(plan, called)
    hint = f"; the nearest is {near}" if near else ""
    return Refusal(refused.code, refused.reason, refused.because + hint)


def _at_the_door(plan: Dialplan, call: CallContext, name: str | None) -> Refusal | None:
    """A call must come through the trunk of its number, from an address of that trunk, or from a
    telephone of the company that may call the number."""
    if call.trunk == TELEPHONES:
        return _of_a_telephone(plan, call)
    own = name if name is not None else WEB_TRUNK
    if call.trunk is not None and call.trunk != own:
        said = f"{call.called} is reached through trunk {own}, not through {call.trunk}"
        return Refusal(403, RefusalReason.ADDRESS_NOT_ALLOWED, said)
    if call.source_ip is None:
        return None
    if name is None:
        if call.trunk == WEB_TRUNK:
            return None
        said = f"{call.called} is entered {_otherwise(call.called)}"
        return Refusal(403, RefusalReason.ADDRESS_NOT_ALLOWED, said)
    trunk = plan.trunks.get(name)
    if trunk is not None and comes_through(name, trunk, call):
        return None
    where = list(trunk.allow) if trunk is not None else []
    if trunk is not None and trunk.account is not None:
        where.append(f"registered with {trunk.account.server}")
    said = f"address {call.source_ip} is not in trunk {name} ({', '.join(where) or 'none'})"
    return Refusal(403, RefusalReason.ADDRESS_NOT_ALLOWED, said)


def _otherwise(called: str) -> str:
    if is_internal(called):
        return "by the company's telephones, not from outside"
    return "from a web page, not by telephone"


def _of_a_telephone(plan: Dialplan, call: CallContext) -> Refusal | None:
    """The leg has made sure which one it is: the caller is its name."""
    telephone = plan.telephones.get(call.caller)
    if telephone is not None and telephone.may_call(call.called):
        return None
    said = f"the telephone {call.caller} may not call {call.called} (its `calls`)"
    return Refusal(403, RefusalReason.REJECTED_BY_PLAN, said)


def comes_through(name: str, trunk: Trunk, call: CallContext) -> bool:
    """Whether the call's address may send calls through this trunk. Where the server of an account
    is, only the leg knows that has registered there: it names the trunk."""
    if call.source_ip is None or inside(call.source_ip, trunk.allow):
        return True
    if trunk.account is not None:
        return call.trunk == name
    return not trunk.allow


def _over_a_limit(plan: Dialplan, call: CallContext, load: Load) -> Refusal | None:
    limits = plan.limits
    rate = limits.per_caller
    if rate is not None and load.by_caller >= rate.count:
        said = f"caller {call.caller} has called {load.by_caller} times, and {rate} are allowed"
        return Refusal(486, RefusalReason.LIMIT_CALLER, said)
    mine = plan.numbers[call.called].concurrent or limits.per_number
    if mine is not None and load.on_number >= mine:
        said = f"{load.on_number} calls are on {call.called}, and {mine} are allowed"
        return Refusal(486, RefusalReason.LIMIT_NUMBER, said)
    if limits.concurrent is not None and load.total >= limits.concurrent:
        said = f"{load.total} calls are up, and {limits.concurrent} are allowed"
        return Refusal(503, RefusalReason.LIMIT_CONCURRENT, said)
    return None


@lru_cache(maxsize=4096)
def inside(address: str, allowed: tuple[str, ...]) -> bool:
    """An address that cannot be read is nowhere inside; IPv4 within IPv6 counts as IPv4."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    networks = map(ipaddress.ip_network, allowed)
    return any(ip.version == net.version and ip in net for net in networks)
