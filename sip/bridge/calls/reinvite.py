"""Offers in the middle of a call: hold, a new address, another codec, and session refreshes."""

from __future__ import annotations

import asyncio

import structlog
from aiosipua.message import SipMessage

from sip.bridge.calls.kept import RenegotiationState
from sip.bridge.calls.remote_sound import Allowed, has_names, refusal
from sip.bridge.calls.services import CallServices
from sip.bridge.media.address import MediaAddressError
from sip.bridge.sdp.bodies import description_in
from sip.bridge.sdp.negotiation import Agreement, Negotiation, switches_off
from sip.bridge.sdp.session import CONTENT_TYPE, SdpError, Session, parse
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.dialogs.glare import later
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.session_refresh import SessionRefresh
from sip.bridge.signalling.session_timer import IntervalTooSmallError
from sip.bridge.signalling.status import ALLOW
from sip.bridge.workers.media import Media

log = structlog.get_logger()


class Renegotiation:
    """`may_be_silent` is whether the phone need not send: we are on hold, or it only listens."""

    def __init__(
        self,
        dialog: Dialog,
        media: Media,
        *,
        negotiation: Negotiation,
        services: CallServices,
    ) -> None:
        self._dialog = dialog
        self._media = media
        self.negotiation = negotiation
        self._ours = services.ours
        self._names = services.names
        self._looking_up: asyncio.Task[None] | None = None
        self._theirs_waits = False
        """What is looked up is of an offer of theirs, and not of their answer to ours."""
        self._agreed = False
        self._acknowledged = False
        self._offered = False
        self.session = SessionRefresh(dialog, lambda: self.negotiation.said, self._take)
        self.may_be_silent = False

    def begin(self, agreed: Agreement | None, allowed: Allowed, *, answered: bool = False) -> None:
        """`agreed` is None if their answer comes with the ACK. `answered` is whether both sides
        have both descriptions, so that no ACK of theirs is to come. Raises MediaAddressError."""
        self._acknowledged = answered
        self._offered = agreed is None
        if agreed is not None:
            self._follow(agreed, allowed, answered=answered)

    @property
    def state(self) -> RenegotiationState:
        return RenegotiationState(
            self._agreed, self._acknowledged, self._offered, self.may_be_silent
        )

    def resume(self, state: RenegotiationState) -> None:
        self._agreed, self._acknowledged = state.agreed, state.acknowledged
        self._offered, self.may_be_silent = state.offered, state.may_be_silent

    def answer(self, transaction: ServerTransaction) -> None:
        """A re-INVITE or UPDATE of the phone. One that cannot be met changes nothing."""
        if self._looking_up is not None and not self._looking_up.done():
            if self._theirs_waits:
                transaction.respond(500, headers=later())  # RFC 3261 §14.2, RFC 3311 §5.2
            else:
                transaction.respond(491)
            return
        try:
            text = description_in(transaction.request.raw)
            offer = None if text is None else parse(text)
        except SdpError as error:
            self._refuse(transaction, error)
            return
        if offer is not None and has_names(offer):
            self._theirs_waits = True
            self._looking_up = asyncio.create_task(self._look_up(transaction, offer))
        else:
            self._answer(transaction, offer)

    async def _look_up(self, transaction: ServerTransaction, offer: Session) -> None:
        self._answer(transaction, await self._names.resolved(offer))

    def _answer(self, transaction: ServerTransaction, offer: Session | None) -> None:
        request = transaction.request
        if self._offered and offer is not None:
            transaction.respond(491)  # ours is not answered yet (RFC 3261 §14.2, RFC 3311 §5.2)
            return
        try:
            session = self.session.asked(request)
        except IntervalTooSmallError:
            transaction.respond(422, headers=[("Min-SE", str(self.session.least))])
            return
        invite = request.method == "INVITE"
        if offer is not None and switches_off(offer):
            self.negotiation.switch_off(offer)
            self.may_be_silent = True
            self._media.direct(to_phone=False, from_phone=False)
        elif offer is not None:
            try:
                allowed = Allowed(self._ours, transaction.flow.peer[0])
                agreed = self.negotiation.answer(offer, allowed)
                self._follow(agreed, allowed, answered=self._acknowledged and not invite)
            except (SdpError, MediaAddressError) as error:
                self._refuse(transaction, error)
                return
        elif invite:
            self._offered = True
            self.negotiation.offer()
        self.session.agree(session)
        self._acknowledged = self._acknowledged and not invite
        contact = ("Contact", self._dialog.endpoint.contact(transaction.flow))
        headers = [*session[1], contact, ("Allow", ALLOW)]
        body = self.negotiation.said if invite or offer is not None else b""
        if body:
            headers.append(("Content-Type", CONTENT_TYPE))
        transaction.respond(200, headers=headers, body=body)

    def _refuse(self, transaction: ServerTransaction, error: SdpError | MediaAddressError) -> None:
        log.info("call.offer_refused", reason=str(error))
        code, headers = refusal(error, self._dialog.endpoint.host)
        transaction.respond(code, headers=headers)

    def acknowledged(self, ack: Request) -> None:
        """The ACK carries the answer when the offer was ours (RFC 3264 §4, RFC 3261 §13.2.1)."""
        self._acknowledged = True
        self._media.agreed()
        if self._offered:
            self._offered = False
            self._theirs_waits = False
            answer = self._answer_in(ack.raw)
            if answer is not None and has_names(answer):
                self._looking_up = asyncio.create_task(self._take_named(answer))
            elif answer is not None:  # at once: the phone's next offer may be right behind its ACK
                self._take_answer(answer)

    async def _take(self, message: SipMessage) -> None:
        """Their answer to our offer."""
        answer = self._answer_in(message)
        if answer is not None:
            await self._take_named(answer)

    def _answer_in(self, message: SipMessage) -> Session | None:
        """None where there is none that can be read."""
        try:
            text = description_in(message)
            if text is None:
                raise SdpError("no answer to our offer")
            return parse(text)
        except SdpError as error:
            self._unusable(error)
        return None

    async def _take_named(self, answer: Session) -> None:
        self._take_answer(await self._names.resolved(answer) if has_names(answer) else answer)

    def _take_answer(self, answer: Session) -> None:
        try:
            allowed = Allowed(self._ours, self._dialog.flow.peer[0])
            self._follow(self.negotiation.take(answer, allowed), allowed, answered=True)
        except (SdpError, MediaAddressError) as error:
            self._unusable(error)

    def _unusable(self, error: SdpError | MediaAddressError) -> None:
        """Without an answer that can be used there is no call; one that is up goes on as it was."""
        log.info("call.answer_unusable", reason=str(error))
        if not self._agreed:
            self._dialog.handlers.unreachable()

    def close(self) -> None:
        self.session.close()
        if self._looking_up is not None:
            self._looking_up.cancel()

    def _follow(self, agreed: Agreement, allowed: Allowed, *, answered: bool) -> None:
        sound = agreed.sound
        remote = allowed.remote(agreed, self._dialog.flow.peer[0])
        self._media.aim(remote, agreed=answered)
        self._agreed = True
        self.may_be_silent = sound.may_be_silent
        hears = sound.direction != "recvonly" and not sound.holds
        self._media.direct(to_phone=not sound.holds, from_phone=hears)
