"""A call as it was sent, or as somebody wrote it down, turned into the facts that routing asks for.

Every entrance comes through here: the leg with an INVITE, the worker with a participant's
attributes, and `explain`, `test`, `simulate` and `diff --replay` with what a person wrote. So the
same call has the same number, the same caller and the same facts wherever it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dialplans.engine.admit import inside
from dialplans.model import Dialplan, Trunk
from dialplans.telephony.addresses import address
from dialplans.telephony.call import ANONYMOUS, CallContext
from dialplans.telephony.forwarding import dialled, forwarded_from, public
from dialplans.telephony.identity import WITHHELD_NUMBERS, identify
from dialplans.telephony.numbers import calling_code, is_e164, normalise, read

_FALLBACK = ("p-called-party-id", "to")
"""Who is called when the Request-URI names no number: a telephone's own contact, or nobody."""


def received(plan: Dialplan | None, call: CallContext) -> CallContext:
    """`call.called` is a Request-URI or a number in any form, `call.caller` a From header or the
    same; both are read with the headers. Reading what was read already changes nothing.

    Without a plan there is no country to read national forms in, and no trunk is trusted.
    """
    if _is_read(plan, call):
        return call
    headers = {name.lower(): value for name, value in call.headers.items()}
    called = _called(plan, call, headers)
    trunk = _trunk(plan, call, called)
    like = (trunk.country if trunk else None) or (
        called if is_e164(called) else next(_countries(plan, call), "")
    )
    who = identify(call.caller, call.headers, trusted=_trusted(trunk, call))
    asserted = call.asserted or (read(who.asserted, like) if who.asserted else "")
    kept = public(who.headers, like)
    told = {name.lower(): value for name, value in kept.items()}
    return replace(
        call,
        called=called,
        caller=(read(who.shown, like) if who.shown else "") or ANONYMOUS,
        asserted=asserted,
        headers=kept,
        forwarded_from=forwarded_from(headers, called, like) or call.forwarded_from,
        dialled=dialled(told, called, like) or call.dialled,
    )


def _is_read(plan: Dialplan | None, call: CallContext) -> bool:
    """As tests and records mostly have it; `mutate` asks thousands of times."""
    if plan is None or call.headers or call.called not in plan.numbers:
        return False
    known = call.caller == ANONYMOUS or normalise(call.caller, "") == call.caller
    return known and call.caller not in WITHHELD_NUMBERS


def _called(plan: Dialplan | None, call: CallContext, headers: Mapping[str, str]) -> str:
    """The Request-URI decides (RFC 3261 §8.2.2.1); To is what was dialled at first, perhaps
    somewhere else."""
    ours = _ours(plan, call, call.called)
    if ours is not None:
        return ours
    user = address(call.called).user
    if _names_a_contact(plan, user):
        others = (_ours(plan, call, headers[name]) for name in _FALLBACK if headers.get(name))
        found = next((number for number in others if number), None)
        if found is not None:
            return found
    return read(call.called, next(_countries(plan, call), ""))


def _ours(plan: Dialplan | None, call: CallContext, written: str) -> str | None:
    """The number of ours that is meant, a national form read as in each country where we are."""
    if plan is None:
        return normalise(written, "")
    if written in plan.numbers:
        return written
    user = address(written).user
    if user in plan.numbers:
        return user
    readings = (normalise(written, like) for like in _countries(plan, call))
    return next((number for number in readings if number in plan.numbers), None)


def _names_a_contact(plan: Dialplan | None, user: str) -> bool:
    """A telephone registers under a name or an account, and is then called by that."""
    accounts = [t.auth.username for t in plan.trunks.values() if t.auth] if plan else []
    return not user or any(c.isalpha() for c in user) or user in accounts


def _countries(plan: Dialplan | None, call: CallContext) -> Iterator[str]:
    """Where a number may have been written: first those of the trunks that the call may have come
    through, then those of our numbers."""
    if plan is None:
        return
    with_country = [(n, t) for n, t in plan.trunks.items() if t.country is not None]
    with_country.sort(key=lambda each: not _may_bring(each, call))
    yield from dict.fromkeys(trunk.country or "" for _, trunk in with_country)
    seen: set[str | None] = {None}
    for number in plan.numbers:
        if (code := calling_code(number)) not in seen:
            seen.add(code)
            yield number


def _may_bring(named: tuple[str, Trunk], call: CallContext) -> bool:
    name, trunk = named
    if call.trunk is not None:
        return name == call.trunk
    return call.source_ip is not None and inside(call.source_ip, trunk.allow)


def _trunk(plan: Dialplan | None, call: CallContext, called: str) -> Trunk | None:
    """The one that brings the call; where nobody says, the one that brings its number."""
    if plan is None:
        return None
    number = plan.numbers.get(called)
    return plan.trunks.get(call.trunk or (number.trunk if number else None) or "")


def _trusted(trunk: Trunk | None, call: CallContext) -> bool:
    """Anybody can write what a trunk is trusted to say: an address of another is not believed."""
    if trunk is None or not trunk.trusted:
        return False
    return call.source_ip is None or not trunk.allow or inside(call.source_ip, trunk.allow)
