"""Calls that an earlier signalling process had when it died: those that are up go on, and whoever
rang is told that nothing comes of it."""

from __future__ import annotations

import secrets
from functools import partial

import msgspec
import structlog
from aiosipua.message import SipRequest
from livekit.protocol import sip as lk

from dialplans.contracts.causes import EndCause, RefusalReason
from dialplans.contracts.events import Ended, Refused
from dialplans.telephony.call import CallContext
from sip.bridge.calls.call import Call, talk
from sip.bridge.calls.call_state_updates import CallStateUpdates
from sip.bridge.calls.kept import KeptCall, KeptDialling, KeptRinging, decode
from sip.bridge.calls.reinvite import Renegotiation
from sip.bridge.calls.services import CallServices
from sip.bridge.calls.transfers.transfer import serve_transfer
from sip.bridge.dialling.forks import Forks
from sip.bridge.runtime.outbox import SOURCE
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.digest import Login
from sip.bridge.workers.media import Media
from sip.bridge.workers.pool import Found

log = structlog.get_logger()

WHILE_IT_RANG = "signalling was started again while it rang"


def resume(services: CallServices, found: Found) -> None:
    """What is known of the call is with its sound."""
    held = found.held
    try:
        kept = decode(held.state)
    except msgspec.ValidationError:
        log.exception("call.not_understood", id=held.call)
        kept = None
    if isinstance(kept, KeptCall) and held.joined is not None:
        call = _resumed(services, found, kept)
        services.tasks.spawn(_go_on(call, kept))
        return
    found.leave()
    match kept:
        case KeptRinging():
            _refuse(services, found, kept)
        case KeptDialling():
            _take_back(services, found, kept)
    log.warning("call.given_up", id=held.call, call=held.opened.spec.room)


def _resumed(services: CallServices, found: Found, kept: KeptCall) -> Call:
    updates = CallStateUpdates(services, lk.SIPCallInfo.FromString(kept.info))
    media = Media.found(services.pool, services.ports, found)
    call = Call(services, media.call, media, kept.direction, updates, started=kept.started)
    call.further_leg, call.headers = kept.further_leg, kept.headers
    call.attributes_to_headers, call.rejoins = kept.attributes_to_headers, kept.rejoins
    call.answered, call.origin = kept.answered, kept.origin
    if kept.origin.proved:
        call.login = Login("", secrets.token_hex())  # which nobody can prove any more
    dialog = Dialog.resumed(services.endpoint, kept.dialog)
    dialog.find_login = partial(services.admission.logins.of, kept.origin.trunk)
    renegotiation = Renegotiation(
        dialog,
        media,
        negotiation=Negotiation.resumed(kept.negotiation),
        services=services,
    )
    renegotiation.resume(kept.renegotiation)
    renegotiation.session.resume(kept.session)
    call.take(dialog, renegotiation)
    services.calls[call.id] = call
    services.metrics.calls.labels(call.direction).inc()
    media.catch_up(found)
    log.info("call.resumed", id=call.id, call=call.room)
    return call


async def _go_on(call: Call, kept: KeptCall) -> None:
    services = call.services
    await serve_transfer(call, call.updates)
    traffic, shared = services.admission.policy.traffic, services.admission.shared
    if call.direction == "in":
        origin = kept.origin
        counted = CallContext(called=origin.called, caller=origin.caller, call_id=call.id)
        traffic.began(counted)
        if shared is not None:
            shared.resumed(counted)
    try:
        await talk(call, kept.terms, kept.session.timer)
    finally:
        traffic.ended(call.id)
        if shared is not None:
            shared.ended(call.id)


def _refuse(services: CallServices, found: Found, kept: KeptRinging) -> None:
    """The phone would ring until it gives up; so it is told at once, and may try again."""
    origin, invite = kept.origin, kept.invite
    flow = services.endpoint.transport.flow_to(invite.transport, invite.peer)
    transaction = services.endpoint.reopen(invite.message, flow)
    transaction.to_tag = kept.tag
    transaction.respond(503)
    services.metrics.refused.labels("503", RefusalReason.FAILED).inc()
    services.outbox.add(
        Refused(
            call=found.held.opened.spec.room,
            source=SOURCE,
            code=503,
            reason=RefusalReason.FAILED,
            detail=WHILE_IT_RANG,
            called=origin.called,
            caller=origin.caller,
            source_ip=invite.peer[0],
        )
    )


def _take_back(services: CallServices, found: Found, kept: KeptDialling) -> None:
    """Whoever wanted the call waits for a process that is gone. Sent once more, an INVITE is the
    same one to the other side, which says again how far it is, and so can be cancelled."""
    endpoint = services.endpoint
    for invite in kept.invites:
        flow = endpoint.transport.flow_to(invite.transport, invite.peer)
        request = SipRequest.parse(invite.message)
        assert isinstance(request, SipRequest)
        Forks(endpoint, endpoint.send(request, flow, invite.peer)).give_up()
    services.outbox.add(
        Ended(
            call=found.held.opened.spec.room,
            source=SOURCE,
            cause=EndCause.FAILED,
            detail=WHILE_IT_RANG,
            leg=kept.further_leg,
        )
    )
