"""A telephone that is in a call asks for it to go on elsewhere (REFER, RFC 3515, RFC 5589)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from aiosipua.message import SipResponse

from dialplans.contracts import why
from dialplans.contracts.events import HandedOver, Problem
from dialplans.model import Transfers
from dialplans.telephony.call import CallContext
from sip.bridge.admission.encryption import of_livekit
from sip.bridge.calls.call import Call
from sip.bridge.calls.outcome import HUNG_UP, TRANSFERRED
from sip.bridge.calls.outgoing.diallers import diallers
from sip.bridge.calls.outgoing.of_plan import CannotRingError, request_of
from sip.bridge.calls.outgoing.told import headers_for
from sip.bridge.calls.remote_sound import spoken_on
from sip.bridge.calls.transfers import attended
from sip.bridge.calls.transfers.job import NotMovedError, move
from sip.bridge.calls.transfers.permitted import (
    NotPermittedError,
    Permitted,
    permitted,
    transfers_of,
)
from sip.bridge.calls.transfers.refer_to import ReferTo, ReferToError
from sip.bridge.calls.transfers.subscription import Subscription
from sip.bridge.calls.transfers.taking_over import Rings, TakingOver, deferred_end
from sip.bridge.dialling.dial import Dialler
from sip.bridge.dialling.early_dialogs import WhileItRings
from sip.bridge.dialling.failure import NotAnsweredError
from sip.bridge.media.g711 import SAMPLE_RATE
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.runtime.outbox import SOURCE
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.transport.peers import Standing

log = structlog.get_logger()

RING_SECONDS = 25.0
HANG_UP_AFTER = 1.0
"""Whoever has transferred a call usually hangs up by itself."""
LASTS = 120.0


class Referrals:
    """All REFERs of one call. `answer` refuses what is not for us to do, and carries out the rest
    beside the call."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._before: Dialog | None = None

    def answer(self, transaction: ServerTransaction) -> None:
        call, request = self._call, transaction.request
        try:
            wanted = ReferTo.of(request)
            transfers = self._allowed(transaction)
            if call.being_transferred:
                transaction.respond(491)
                return
            if wanted.replaces is not None and not transfers.replaces:
                because = "`transfers` of its line do not say `replaces: true`"
                raise NotPermittedError(603, "Decline (no attended transfers)", because)
            place = None if wanted.replaces is not None else self._place(transfers, wanted)
            if wanted.replaces is not None:
                attended.check(call, wanted)
        except ReferToError as error:
            log.info("call.refer_refused", call=call.room, code=error.code, reason=str(error))
            transaction.respond(error.code, str(error))
            return
        except NotPermittedError as error:
            self._decline(transaction, error)
            return
        dialog = call.dialog
        assert dialog is not None
        reports = Subscription(dialog, request, first=self._before is not dialog, lasts=LASTS)
        self._before = dialog
        call.being_transferred = True
        transaction.respond(202, headers=reports.headers)
        referral = Referral(call, wanted, place, request.header("referred-by") or "")
        call.services.tasks.spawn(referral.run(reports))

    def _allowed(self, transaction: ServerTransaction) -> Transfers:
        """Raises NotPermittedError. Who only knows the names of a dialog is not in it."""
        call, host = self._call, transaction.flow.peer[0]
        services = call.services
        found = transfers_of(services.admission.policy.plan, call.origin.line)
        known = call.dialog is not None and host in call.dialog.hosts
        if not known and services.endpoint.peers.standing(host) is not Standing.TRUNK:
            raise NotPermittedError(403, "", f"it came from {host}, which is not on this call")
        return found

    def _place(self, transfers: Transfers, wanted: ReferTo) -> Permitted:
        call = self._call
        ready = call.services.admission.policy.ready
        assert ready is not None
        caller = CallContext(call.origin.called, call.origin.caller, call_id=call.room)
        return permitted(ready, transfers, wanted, caller, datetime.now(UTC))

    def _decline(self, transaction: ServerTransaction, error: NotPermittedError) -> None:
        call = self._call
        because = why.refer_declined(error.code, str(error))
        log.info("call.refer_declined", call=call.room, code=error.code, pii_why=because)
        tell(call, "transfer_declined", because)
        transaction.respond(error.code, error.words)


class Referral:
    """One that was accepted. `place` is None where somebody on another line is to take over."""

    def __init__(
        self, call: Call, wanted: ReferTo, place: Permitted | None, referred_by: str
    ) -> None:
        self._call = call
        self._wanted = wanted
        self._place = place
        self._referred_by = referred_by
        self._rang = 0

    async def run(self, reports: Subscription) -> None:
        call, dialog = self._call, self._call.dialog
        settle = deferred_end(call)
        try:
            await reports.tell(100)
            code, words, problem = await self._carried_out(reports)
        finally:
            call.being_transferred = False
        if 200 <= code < 300:
            self._tell_moved()
            await reports.end(code)
            settle(TRANSFERRED if call.further_leg is not None else HUNG_UP)
            if call.further_leg is not None and call.dialog is dialog:
                # Somebody has transferred a caller, who stays; they need not hang up themselves.
                asyncio.get_running_loop().call_later(HANG_UP_AFTER, call.end, TRANSFERRED)
            return
        because = why.transfer_failed(self._to, problem)
        log.info("call.refer_failed", call=call.room, code=code, pii_why=because)
        tell(call, "transfer_failed", because)
        await reports.end(code, words)
        settle(HUNG_UP)

    @property
    def _to(self) -> str:
        return str(self._place) if self._place is not None else self._wanted.uri

    async def _carried_out(self, reports: Subscription) -> tuple[int, str, str]:
        """Status, its words, and what went wrong."""
        try:
            if self._place is None:
                await attended.run(
                    self._call, self._wanted, self._referred_by, self._rings(reports)
                )
            elif self._place.rung is not None:
                await self._ring(self._place, reports)
            else:
                settings = self._call.services.settings
                who = self._call.origin.line or "telephone"
                await move(settings.api_key, self._call.room, str(self._place), who)
        except (NotMovedError, NotPermittedError) as error:
            return error.code, "", str(error)
        except NotAnsweredError as error:
            return error.code, error.words, error.detail
        except (CannotRingError, RpcError) as error:
            return 503, "", str(error)
        except Exception as error:
            log.exception("call.refer_broke", call=self._call.room)
            return 500, "", repr(error)
        return 200, "", ""

    async def _ring(self, place: Permitted, reports: Subscription) -> None:
        """A telephone of the plan takes this one's place. Raises NotAnsweredError, CannotRingError
        and RpcError."""
        call = self._call
        services, origin = call.services, call.origin
        plan, target = services.admission.policy.plan, place.rung
        shown = call.media.attributes.get("sip.phoneNumber", "")  # not one that is withheld
        assert plan is not None
        assert target is not None
        wanted = request_of(plan, target, os.environ, caller=shown, called=origin.called)
        told = headers_for(
            plan,
            target.via or "",
            services.calls.values(),
            room=call.room,
            to=wanted.call_to,
            host=services.endpoint.host,
        )
        local = Local(services.settings.host, call.media.port)
        encryption = of_livekit(wanted.media_encryption, wanted.media.encryption)
        tones = services.admission.policy.tones_from(wanted.address)
        negotiation = Negotiation(local, spoken_on(wanted.media, tones=tones), encryption)
        if call.media.rate == SAMPLE_RATE:
            negotiation.stay_narrow()
        taking = TakingOver(call, negotiation)
        rings = self._rings(reports)

        def progress(response: SipResponse, peer: str) -> None:
            taking.heard(response)
            rings(response, peer)

        groups: Sequence[Sequence[Dialler]] = await diallers(
            services, wanted, negotiation.offer(), mapped=told, ringing=WhileItRings(progress)
        )
        ring = target.ring.total_seconds() if target.ring is not None else RING_SECONDS
        await taking.run(groups, ring)

    def _rings(self, reports: Subscription) -> Rings:
        """Tells whoever referred us that it rings, once."""

        def rings(response: SipResponse, peer: str) -> None:
            if not self._rang:
                self._rang = response.status_code
                self._call.services.tasks.spawn(reports.tell(180))

        return rings

    def _tell_moved(self) -> None:
        call = self._call
        log.info("call.referred", call=call.room, pii_to=self._to)
        if self._place is None or self._place.rung is not None:  # else the job has told it
            call.services.outbox.add(
                HandedOver(
                    call=call.room,
                    source=SOURCE,
                    frm=call.origin.line or "telephone",
                    to=self._to,
                    reason="its telephone transferred it",
                )
            )


def tell(call: Call, what: str, because: str) -> None:
    call.services.outbox.add(Problem(call=call.room, source=SOURCE, what=what, detail=because))
