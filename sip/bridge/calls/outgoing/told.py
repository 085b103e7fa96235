"""What a carrier is told of the caller whom we ring somebody for, where its trunk asks for that.

Our number sends the call on (RFC 5806 §4.2, RFC 7044 §10.3): it stands first in Diversion and last
but one in History-Info, after what came with the call. Who wants to stay hidden was hidden when the
call came in (RFC 3323 §4.2, RFC 7044 §10.1), and stays so.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator

from dialplans.model import Dialplan
from dialplans.telephony.addresses import separated
from dialplans.telephony.call import ANONYMOUS
from sip.bridge.calls.call import Call
from sip.bridge.calls.kept import Origin
from sip.bridge.signalling.addresses import dialled, name_addr, sip_uri
from sip.bridge.signalling.message import Headers

LONGEST = 2048
"""Characters of one header: more would not fit into a datagram, and what is older makes way."""
REASON = "unconditional"
"""Of our own entry: nobody was rung at our number."""
CAME = ("diversion", "history-info", "p-charging-vector")
"""What is kept of the INVITE of a caller."""


def headers_for(
    plan: Dialplan | None, trunk: str, calls: Iterable[object], *, room: str, to: str, host: str
) -> Headers:
    """Of a call that goes by `trunk` of the plan to the number `to`; `host` is how we are reached.
    Nothing where no caller of ours is in the room."""
    known = plan.trunks.get(trunk) if plan is not None else None
    if known is None or not known.tells:
        return ()
    callers = (one for one in calls if isinstance(one, Call) and one.direction == "in")
    caller = next((one for one in callers if one.room == room), None)
    return () if caller is None else tuple(told(known.tells, caller.origin, to, host))


def told(tells: Iterable[str], origin: Origin, to: str, host: str) -> Iterator[tuple[str, str]]:
    came = origin.came
    ours = name_addr(sip_uri(host, dialled(origin.called)))
    for what in tells:
        if what == "diversion":
            before = separated(came.get("diversion", ""))
            own = f"{ours};reason={REASON};counter={len(before) + 1}"
            yield "Diversion", _joined([own, *before])
        elif what == "history_info":
            yield "History-Info", _history(came.get("history-info", ""), ours, to, host)
        elif what == "charging_vector":
            vector = came.get("p-charging-vector", "")
            fresh = f'icid-value="{secrets.token_hex(16)}"'
            yield "P-Charging-Vector", vector if "icid-value" in vector.lower() else fresh
        elif what == "asserted_identity":
            yield from _identity(origin.shown, ours, host)


def _identity(shown: str, ours: str, host: str) -> Iterator[tuple[str, str]]:
    """Who withholds a number is nobody to the carrier either: we answer for our own."""
    if shown and shown != ANONYMOUS:
        yield "P-Asserted-Identity", name_addr(sip_uri(host, dialled(shown)))
    else:
        yield "P-Asserted-Identity", ours
        yield "Privacy", "id"


def _history(came: str, ours: str, to: str, host: str) -> str:
    """Whom it came to, if nothing said so, and where it goes: sent on by us (`cause=302`, RFC 4458
    §2), a place below."""
    before = list(separated(came))
    last = before[-1].rpartition("index=")[2].split(";")[0].strip() if before else ""
    if not last.replace(".", "").isdigit():
        before, last = [f"{ours};index=1"], "1"
    target = name_addr(f"{sip_uri(host, dialled(to))};cause=302")
    return _joined([*before[-19:], f"{target};index={last}.1;mp={last}"], newest_last=True)


def _joined(values: list[str], *, newest_last: bool = False) -> str:
    kept: list[str] = []
    for value in reversed(values) if newest_last else values:
        if sum(map(len, kept)) + len(value) <= LONGEST:
            kept.append(value)
    return ", ".join(reversed(kept) if newest_last else kept)
