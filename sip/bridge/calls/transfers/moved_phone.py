"""A telephone that is in one of our calls goes to another of them (a re-INVITE, RFC 3261 §14)."""

from __future__ import annotations

import structlog

from dialplans.contracts.causes import EndCause
from sip.bridge.calls.call import Call
from sip.bridge.calls.outcome import TRANSFERRED
from sip.bridge.calls.reinvite import Renegotiation
from sip.bridge.calls.remote_sound import Allowed
from sip.bridge.dialling.failure import NotAnsweredError
from sip.bridge.media.address import MediaAddressError
from sip.bridge.sdp.bodies import description_in
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.session import CONTENT_TYPE, SdpError, parse

log = structlog.get_logger()


async def move_phone(phone: Call, place: Call) -> None:
    """The telephone of `phone` takes the place of the one in `place`, which gets its BYE; the call
    that `phone` was is over. Raises NotAnsweredError, and then both are as they were."""
    dialog, before = phone.dialog, phone.renegotiation
    assert dialog is not None
    assert before is not None
    services, negotiation = place.services, before.negotiation
    if phone.media.rate != place.media.rate:
        raise NotAnsweredError(488, "one call is narrow and the other one wide", cause=_FAILED)
    was = negotiation.state
    negotiation.move(Local(services.settings.host, place.media.port))
    renegotiation = Renegotiation(dialog, place.media, negotiation=negotiation, services=services)
    renegotiation.session.resume(before.session.state)
    headers = [("Content-Type", CONTENT_TYPE)]
    response = await dialog.send("INVITE", headers=headers, body=negotiation.offer())
    try:
        if response is None:
            raise NotAnsweredError.silent("the telephone that was to be moved")
        if response.status_code >= 300:
            raise NotAnsweredError.refused(response)
        answer = await services.names.resolved(parse(description_in(response) or ""))
        allowed = Allowed(services.ours, dialog.flow.peer[0])
        agreed = negotiation.take(answer, allowed)
        renegotiation.begin(agreed, allowed, answered=True)
    except (SdpError, MediaAddressError, NotAnsweredError) as error:
        before.negotiation = negotiation.resumed(was)
        if isinstance(error, NotAnsweredError):
            raise
        raise NotAnsweredError(488, f"its answer is unusable: {error}", cause=_FAILED) from error
    before.close()
    phone.dialog = phone.renegotiation = None
    place.replace(dialog, renegotiation)
    place.keep()
    phone.end(TRANSFERRED)
    log.info("call.phone_moved", call=place.room, frm=phone.room)


_FAILED = EndCause.FAILED
