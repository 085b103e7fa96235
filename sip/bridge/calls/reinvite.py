"""Offers in the middle of a call: hold, a new address, another codec, and session refreshes."""

from __future__ import annotations

import asyncio
import time

import structlog

from sip.bridge.calls.participant import SipParticipant
from sip.bridge.media.address import MediaAddressError, Ours
from sip.bridge.media.stream import RtpStream
from sip.bridge.signalling import sdp
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.session_timer import IntervalTooSmallError, SessionTimer, as_server
from sip.bridge.signalling.status import ALLOW, SUPPORTED, warning

log = structlog.get_logger()

REFRESH_ANSWER_SECONDS = 20.0


class Renegotiation:
    """`may_be_silent` is whether the phone need not send: we are on hold, or it only listens."""

    def __init__(
        self,
        dialog: Dialog,
        stream: RtpStream,
        *,
        participant: SipParticipant,
        local: sdp.Local,
        ours: Ours,
    ) -> None:
        self._dialog = dialog
        self._stream = stream
        self._participant = participant
        self._local = local
        self._ours = ours
        self._peer = dialog.flow.peer[0]
        """Who has described the media last."""
        self._agreed = False
        self._acknowledged = False
        self._last_answer = b""
        self._offered = False
        self._timer: SessionTimer | None = None
        self._refreshed = time.monotonic()
        self._refreshing: asyncio.Task[bool] | None = None
        self.least_session = 90
        self.may_be_silent = False

    def begin(
        self, description: sdp.Description | None, said: bytes, *, answered: bool = False
    ) -> None:
        """`description` is theirs, None if theirs comes with the ACK; `said` is ours. `answered` is
        whether both sides have both, so that no ACK of theirs is to come.

        Raises MediaAddressError.
        """
        self._last_answer = said
        self._acknowledged = answered
        self._offered = description is None
        if description is not None:
            self._follow(description, answered=answered)

    def answer(self, transaction: ServerTransaction) -> None:
        """A re-INVITE or UPDATE of the phone."""
        request = transaction.request
        self._refreshed = time.monotonic()
        try:
            supports = SUPPORTED in request.tokens("supported")
            asked = request.header("session-expires")
            timer, headers = as_server(asked, supports, least=self.least_session)
        except IntervalTooSmallError:
            transaction.respond(422, headers=[("Min-SE", str(self.least_session))])
            return
        self._timer = timer or self._timer
        if request.method == "INVITE":
            self._acknowledged = False
        headers += [("Contact", self._dialog.endpoint.contact(transaction.flow)), ("Allow", ALLOW)]
        if request.body:
            self._peer = transaction.flow.peer[0]
            try:
                offer = sdp.parse(request.text)
                self._follow(offer, answered=self._acknowledged)
            except (sdp.SdpError, MediaAddressError) as error:
                log.info("call.offer_refused", reason=str(error))
                transaction.respond(488, headers=[warning(self._local.host, error)])
                return
            self._last_answer = sdp.answer(self._local, offer)
        elif request.method == "UPDATE":
            transaction.respond(200, headers=headers)
            return
        else:
            self._offered = True
            self._last_answer = sdp.build(self._local)
        headers.append(("Content-Type", sdp.CONTENT_TYPE))
        transaction.respond(200, headers=headers, body=self._last_answer)

    def acknowledged(self, ack: Request) -> None:
        """The ACK carries the answer when the offer was ours (RFC 3264 §4, RFC 3261 §13.2.1)."""
        if self._offered and ack.body:
            self._offered = False
            try:
                self._follow(sdp.parse(ack.text), answered=True)
            except (sdp.SdpError, MediaAddressError) as error:
                log.info("call.answer_unusable", reason=str(error))
                if not self._agreed:
                    self._dialog.handlers.unreachable()
        self._acknowledged = True
        self._stream.answered()

    async def keep_alive(self, timer: SessionTimer | None) -> bool:
        """Refresh when it is our turn; False once the session has died of silence (RFC 4028)."""
        timer = self._timer or timer
        if timer is None:
            return True
        if self._refreshing is not None and self._refreshing.done():
            alive = self._refreshing.result()
            self._refreshing = None
            if not alive:
                return False
        age = time.monotonic() - self._refreshed
        if not timer.we_refresh:
            return age <= timer.dead_after
        if age > timer.refresh_after and self._refreshing is None:
            self._refreshing = asyncio.create_task(self._refresh(timer))
        return True

    def close(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()

    def _follow(self, description: sdp.Description, *, answered: bool) -> None:
        remote = description.remote_by(self._ours, self._peer, self._dialog.flow.peer[0])
        self._stream.aim(remote, answered=answered)
        self._agreed = True
        self.may_be_silent = description.may_be_silent
        self._participant.to_phone = not description.holds
        self._participant.from_phone = description.direction != "recvonly" and not description.holds

    async def _refresh(self, timer: SessionTimer) -> bool:
        """A re-INVITE that changes nothing; only a refusal that ends dialogs ends the call."""
        headers = [
            ("Content-Type", sdp.CONTENT_TYPE),
            ("Supported", SUPPORTED),
            ("Session-Expires", f"{timer.interval:.0f};refresher=uac"),
            ("Allow", ALLOW),
        ]
        asked = self._dialog.ask("INVITE", headers=headers, body=self._last_answer)
        asked.on_repeated_ok = self._dialog.acknowledge
        try:
            async with asyncio.timeout(REFRESH_ANSWER_SECONDS):
                response = await asked.final()
        except TimeoutError:
            asked.close()
            return False
        self._refreshed = time.monotonic()
        if response is not None and response.status_code < 300:
            self._dialog.acknowledge()
            return True
        return response is not None and response.status_code not in (408, 481)
