"""A call as it was sent, or as somebody wrote it down, turned into the facts that routing asks for.

Every entrance comes through here: the leg with an INVITE, the worker with a participant's
attributes, and `explain`, `test`, `simulate` and `diff --replay` with what a person wrote. So the
same call has the same number, the same caller and the same facts wherever it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dialplans.engine.admit import comes_through, inside
from dialplans.model import Dialplan, Trunk
from dialplans.telephony.addresses import address
from dialplans.telephony.call import ANONYMOUS, CallContext
from dialplans.telephony.forwarding import dialled, forwarded_because, forwarded_from, public
from dialplans.telephony.identity import WITHHELD_NUMBERS, identify
from dialplans.telephony.numbers import calling_code, is_e164, normalise, read

LEAST_LOCAL_DIGITS = 4

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
    who = identify(call.caller, call.headers, trusted=_trusted(plan, call, trunk))
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
        forwarded_because=forwarded_because(headers, called, like) or call.forwarded_because,
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
        told = [headers[name] for name in _FALLBACK if headers.get(name)]
        others = (_ours(plan, call, written) for written in told)
        found = next((number for number in others if number), None)
        found = found or _of_the_account(plan, call, told)
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
    trunks = plan.trunks.values() if plan else ()
    accounts = [t.auth.username for t in trunks if t.auth]
    accounts += [t.account.user for t in trunks if t.account]
    return not user or any(c.isalpha() for c in user) or user in accounts


def _of_the_account(plan: Dialplan | None, call: CallContext, told: Sequence[str]) -> str | None:
    """Which number of an account is meant, where nothing names one whole: a box at home says the
    number without its area code, or nothing at all, and an account may have a single number."""
    trunk = plan.trunks.get(call.trunk or "") if plan is not None else None
    if plan is None or trunk is None or trunk.account is None:
        return None
    mine = plan.numbers_of(call.trunk or "")
    for written in told:
        user = address(written).user
        if user.isascii() and user.isdigit() and len(user) >= LEAST_LOCAL_DIGITS:
            meant = [number for number in mine if number.endswith(user)]
            if len(meant) == 1:
                return meant[0]
    return mine[0] if len(mine) == 1 else None


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


def _trusted(plan: Dialplan | None, call: CallContext, trunk: Trunk | None) -> bool:
    """Anybody can write what a trunk is trusted to say: an address of another is not believed."""
    if plan is None or trunk is None or not trunk.trusted:
        return False
    name = next(name for name, known in plan.trunks.items() if known is trunk)
    return comes_through(name, trunk, call)
