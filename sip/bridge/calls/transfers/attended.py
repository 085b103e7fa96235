"""Who was consulted takes the place of who transfers (Replaces within Refer-To, RFC 5589 §7)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from aiosipua.message import SipResponse

from dialplans.engine.admit import inside
from dialplans.telephony.addresses import address
from sip.bridge.calls.call import Call
from sip.bridge.calls.outcome import TRANSFERRED
from sip.bridge.calls.transfers.moved_phone import move_phone
from sip.bridge.calls.transfers.permitted import TRUNK, NotPermittedError
from sip.bridge.calls.transfers.refer_to import ReferTo
from sip.bridge.calls.transfers.taking_over import Rings, TakingOver
from sip.bridge.carriers.locate import Place
from sip.bridge.dialling.dial import Destination, Dialler
from sip.bridge.dialling.early_dialogs import WhileItRings
from sip.bridge.dialling.permission import BY_TLS, PLAIN, Permission
from sip.bridge.signalling.addresses import name_addr
from sip.bridge.signalling.dialog import Dialog

PATIENCE = 32.0
"""Whom we replace has answered already: nobody has to come to a telephone."""


def check(call: Call, wanted: ReferTo) -> None:
    """Raises NotPermittedError unless whoever is to take over is on another call of ours with the
    same telephone, or at an address of the line itself."""
    consulted = _ours(call, wanted)
    if consulted is not None:
        if not _same_phone(call, consulted):
            raise NotPermittedError(403, "", "the call to replace is another telephone's")
        if _pair(call, consulted) is None:
            because = "nobody is on the other line by telephone, whose place could be taken"
            raise NotPermittedError(603, "Decline (nobody to be joined)", because)
    elif _where(call, wanted) is None:
        raise NotPermittedError(
            403,
            "Forbidden (to an address of another)",
            f"{wanted.host!r} is no address of the line that it came by",
        )


async def run(call: Call, wanted: ReferTo, referred_by: str, rings: Rings) -> None:
    """Raises NotAnsweredError, and then nothing has changed."""
    consulted = _ours(call, wanted)
    if consulted is None:
        await _call(call, wanted, referred_by, rings)
        return
    pair = _pair(call, consulted)
    if pair is None:  # somebody has hung up since
        raise NotPermittedError(481, "", "whoever was to take over has hung up")
    phone, place = pair
    await move_phone(phone, place)
    left = consulted if place is call else call
    left.end(TRANSFERRED)


def _ours(call: Call, wanted: ReferTo) -> Call | None:
    """The call of ours that is meant, by the names that we have for it."""
    meant = wanted.replaces
    assert meant is not None
    tags = [meant.from_tag] if meant.from_tag != "0" else ["0", ""]
    endpoint = call.services.endpoint
    found = [endpoint.dialog((meant.call_id, meant.to_tag, tag)) for tag in tags]
    return next((one for one in _calls(call) if one.dialog in found), None)


def _same_phone(one: Call, other: Call) -> bool:
    assert one.dialog is not None
    assert other.dialog is not None
    return one is not other and bool(one.dialog.hosts & other.dialog.hosts)


def _pair(call: Call, consulted: Call) -> tuple[Call, Call] | None:
    """The telephone that moves, and whose place it takes. The room that was first goes on if
    somebody can come to it; else its caller goes where the other one is."""
    if call.room == consulted.room:
        return None
    theirs = [one for one in _calls(call) if one.room == consulted.room and one is not consulted]
    if len(theirs) == 1:
        return theirs[0], call
    mine = [one for one in _calls(call) if one.room == call.room and one is not call]
    return (mine[0], consulted) if len(mine) == 1 else None


def _calls(call: Call) -> Iterator[Call]:
    """Those that are up."""
    for one in tuple(call.services.calls.values()):
        if not isinstance(one, Call) or one.dialog is None or one.answered is None:
            continue
        if not one.dialog.closed and not one.ending.done():
            yield one


async def _call(call: Call, wanted: ReferTo, referred_by: str, rings: Rings) -> None:
    dialog, renegotiation, replaces = call.dialog, call.renegotiation, wanted.replaces
    place = _where(call, wanted)
    if dialog is None or renegotiation is None or replaces is None or place is None:
        raise NotPermittedError(481, "", "the call has changed meanwhile")
    if dialog.login is None and dialog.find_login is not None:
        dialog.login = await dialog.find_login()
    negotiation = renegotiation.negotiation.anew()
    taking = TakingOver(call, negotiation)

    def progress(response: SipResponse, peer: str) -> None:
        taking.heard(response)
        rings(response, peer)

    said = [("Referred-By", referred_by)] if referred_by.isprintable() and referred_by else []
    to = Destination(
        uri=wanted.uri,
        place=place,
        frm=name_addr(_own_uri(dialog)),
        login=dialog.login,
        headers=[("Replaces", replaces.header), ("Require", "replaces"), *said],
        flow=dialog.flow if dialog.flow.reliable and place.host == dialog.flow.peer[0] else None,
    )
    transports = BY_TLS if dialog.flow.secure else PLAIN
    services = call.services
    dialler = Dialler(
        services.endpoint,
        to,
        negotiation.offer(),
        while_it_rings=WhileItRings(progress),
        permission=Permission(wanted.user, wanted.host, transports=transports),
        carriers=services.carriers,
    )
    await taking.run([[dialler]], PATIENCE)


def _where(call: Call, wanted: ReferTo) -> Place | None:
    """Where the INVITE goes; None if that is nobody of this line. A name of theirs is not looked
    up: who says it is asked."""
    dialog = call.dialog
    assert dialog is not None
    flow = dialog.flow
    transport = wanted.transport or flow.name.lower()
    if flow.secure and transport != "tls":
        return None  # one that is encrypted does not go on in clear
    host = wanted.host.strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        named = {address(dialog.ends.remote).host, address(f"<{dialog.route.target}>").host}
        return Place(*flow.peer, flow.name.lower()) if host in (*named, *_named(call)) else None
    known = host in dialog.hosts or inside(host, _networks(call))
    return Place(host, wanted.port, transport) if known else None


def _networks(call: Call) -> tuple[str, ...]:
    kind, _, name = call.origin.line.partition(" ")
    plan = call.services.admission.policy.plan
    if plan is None or kind != TRUNK or name not in plan.trunks:
        return ()
    return plan.trunks[name].allow


def _named(call: Call) -> Iterator[str]:
    """What the plan calls the other side of the line."""
    kind, _, name = call.origin.line.partition(" ")
    plan = call.services.admission.policy.plan
    trunk = plan.trunks.get(name) if plan is not None and kind == TRUNK else None
    if trunk is not None and trunk.outbound is not None:
        yield address(f"sip:{trunk.outbound.address}").host.lower()
    if trunk is not None and trunk.account is not None:
        yield trunk.account.server.partition(":")[0].lower()


def _own_uri(dialog: Dialog) -> str:
    """What we are called in the call that is there, without its tag."""
    found = address(dialog.ends.local)
    at = f"{found.user}@" if found.user else ""
    return f"sip:{at}{found.host}" + (f":{found.port}" if found.port else "")
