"""Somebody is called who takes the place of a telephone that is in a call, once they answer.

Room, record and number of calls stay as they are (as in `replacement`): who refers us leaves, and
whom it named has its place. Until then both hear each other as before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from aiosipua.message import SipResponse

from dialplans.contracts.causes import EndCause
from sip.bridge.calls.call import Call
from sip.bridge.calls.outcome import HUNG_UP, Ending
from sip.bridge.calls.reinvite import Renegotiation
from sip.bridge.calls.remote_sound import Allowed
from sip.bridge.dialling.dial import Dialler
from sip.bridge.dialling.failure import NotAnsweredError
from sip.bridge.dialling.first_answer import first_answer
from sip.bridge.media.address import MediaAddressError
from sip.bridge.psrpc.channels import new_id
from sip.bridge.sdp.bodies import description_in
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.sdp.session import SdpError, parse
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.session_timer import as_client

log = structlog.get_logger()

Rings = Callable[[SipResponse, str], None]


class TakingOver:
    """`negotiation` is the one whose offer is sent to whom is rung."""

    def __init__(self, call: Call, negotiation: Negotiation) -> None:
        self._call = call
        self._negotiation = negotiation
        self._described: dict[str, SipResponse] = {}

    def heard(self, response: SipResponse) -> None:
        """Something provisional; its description counts if the answer has none (RFC 3261
        §13.2.1)."""
        if description_in(response) is not None:
            self._described[_tag(response)] = response

    async def run(self, groups: Sequence[Sequence[Dialler]], patience: float) -> None:
        """Rings for `patience` seconds. Raises NotAnsweredError, and then nothing has changed."""
        call = self._call
        for dialler in (dialler for group in groups for dialler in group):
            call.services.trace.claim(dialler.call_id, call.room, call.further_leg)
        dialling = asyncio.ensure_future(first_answer(groups, new_id("SCL_"), patience))
        gone = asyncio.ensure_future(call.media.gone.wait())
        any_of: set[asyncio.Future[Any]] = {dialling, gone, call.ending}
        try:
            await asyncio.wait(any_of, return_when=asyncio.FIRST_COMPLETED)
            if not dialling.done():
                raise NotAnsweredError.given_up("the call ended while it rang")
        finally:
            gone.cancel()
            dialling.cancel()
        await self._take(*dialling.result())

    async def _take(self, dialog: Dialog, response: SipResponse) -> None:
        call, services = self._call, self._call.services
        renegotiation = Renegotiation(
            dialog, call.media, negotiation=self._negotiation, services=services
        )
        renegotiation.session.least = services.settings.sip_min_session_expires
        renegotiation.session.timer = as_client(response.get_header("session-expires"))
        said = response if description_in(response) else self._described.get(_tag(response))
        try:
            text = description_in(said) if said is not None else None
            answer = await services.names.resolved(parse(text or ""))
            allowed = Allowed(services.ours, dialog.flow.peer[0])
            agreed = self._negotiation.take(answer, allowed)
            if call.ending.done():
                await dialog.bye()
                raise NotAnsweredError.given_up("the call ended as it was answered")
            renegotiation.begin(agreed, allowed, answered=True)
        except (SdpError, MediaAddressError) as error:
            await dialog.bye()
            why = f"the answer is unusable: {error}"
            raise NotAnsweredError(488, why, cause=EndCause.FAILED) from error
        call.replace(dialog, renegotiation)
        call.keep()
        dialog.waiting.end(dialog.receive)
        log.info("call.replaced", call=call.room, id=call.id)


def deferred_end(call: Call) -> Callable[[Ending], None]:
    """A telephone may hang up as soon as its REFER is accepted; its call goes on until it is known
    what comes of that. The result ends the call if it did, or gives the hanging up back to it."""
    dialog = call.dialog
    assert dialog is not None
    hung_up = False

    def later() -> None:
        nonlocal hung_up
        hung_up = True

    def settle(ending: Ending) -> None:
        if call.dialog is not dialog:
            return
        dialog.handlers.bye = lambda: call.end(HUNG_UP)
        if hung_up:
            call.end(ending)

    dialog.handlers.bye = later
    return settle


def _tag(response: SipResponse) -> str:
    to = response.to_addr
    return (to.tag or "") if to is not None else ""
