"""Blind transfer: the phone is asked to call somebody else (REFER, RFC 3515)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog
from google.protobuf.empty_pb2 import Empty
from livekit.protocol import sip as lk

from dialplans.contracts import why
from dialplans.contracts.events import Problem
from sip.bridge.calls.attributes import to_headers
from sip.bridge.calls.call import Call
from sip.bridge.calls.call_state_updates import CallStateUpdates
from sip.bridge.calls.outcome import HUNG_UP, TRANSFERRED
from sip.bridge.calls.terms import seconds
from sip.bridge.calls.transfers.notified import Outcome, Reports, refused
from sip.bridge.calls.transfers.referred import Referrals
from sip.bridge.psrpc.channels import new_id
from sip.bridge.psrpc.errors import RpcError, sip_error
from sip.bridge.psrpc.server import Method
from sip.bridge.runtime.outbox import SOURCE
from sip.bridge.signalling.addresses import AddressError, name_addr, uri_of
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.status import ALLOW
from sip.bridge.wire import rpc_sip_pb2 as rpc

log = structlog.get_logger()

PATIENCE = 80.0
HANG_UP_AFTER = 1.0
"""A phone that was transferred usually hangs up by itself."""


async def serve_transfer(call: Call, updates: CallStateUpdates) -> None:
    """Answer TransferSIPParticipant for this call until it is closed, and its phone's REFER."""
    call.on_refer = Referrals(call).answer

    async def handle(request: rpc.InternalTransferSIPParticipantRequest) -> Empty:
        patience = seconds(request.ringing_timeout) or PATIENCE
        transfer = Transfer(call, updates, request.transfer_to)
        await transfer.run(dict(request.headers), patience)
        return Empty()

    await call.services.methods.register(
        Method(
            "TransferSIPParticipant",
            rpc.InternalTransferSIPParticipantRequest,
            handle,
            topic=(call.id,),
        )
    )


class Transfer:
    """Raises RpcError for a target that cannot be called."""

    def __init__(self, call: Call, updates: CallStateUpdates, to: str) -> None:
        self._call = call
        self._updates = updates
        try:
            self._to = uri_of(to)
        except AddressError as error:
            raise RpcError("invalid_argument", str(error)) from error
        self._reports = Reports()

    async def run(self, headers: Mapping[str, str], patience: float) -> None:
        """Raises RpcError, with the SIP status in its details where the phone gave one."""
        info = lk.SIPTransferInfo(
            transfer_id=new_id("STR_"),
            call_id=self._call.id,
            transfer_to=self._to,
            transfer_initiated_at_ns=time.time_ns(),
            transfer_status=lk.SIPTransferStatus.STS_TRANSFER_ONGOING,
        )
        self._updates.send_transfer(info)
        error: RpcError | None = None
        try:
            await self._carry_out(headers, patience)
        except RpcError as failure:
            error = failure
            info.error = failure.message
        except BaseException as failure:
            info.error = repr(failure)
            raise
        finally:
            status = lk.SIPTransferStatus
            info.transfer_status = (
                status.STS_TRANSFER_FAILED if info.error else status.STS_TRANSFER_SUCCESSFUL
            )
            info.transfer_completed_at_ns = time.time_ns()
            self._updates.send_transfer(info)
        if error is not None:
            raise error
        asyncio.get_running_loop().call_later(HANG_UP_AFTER, self._call.end, TRANSFERRED)

    async def _carry_out(self, headers: Mapping[str, str], patience: float) -> None:
        dialog = self._call.dialog
        if dialog is None or dialog.closed:
            raise self._failed("failed_precondition", "can't transfer non established call")
        if self._call.being_transferred:
            raise self._failed("failed_precondition", "another transfer of it is under way")
        self._call.being_transferred = True
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        try:
            await self._refer(dialog, headers, patience)
            any_of: set[asyncio.Future[Any]] = {self._reports.outcome, self._call.ending}
            await asyncio.wait(
                any_of, timeout=until - loop.time(), return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            self._call.being_transferred = False
        if self._reports.outcome.done():
            self._judge(self._reports.outcome.result(), "unknown")
        elif self._call.ending.done():
            theirs = self._call.ending.result() is HUNG_UP
            self._judge(self._reports.over(hung_up=theirs), "unknown")
        else:
            self._judge(self._reports.too_late(patience), "canceled")

    async def _refer(self, dialog: Dialog, headers: Mapping[str, str], patience: float) -> None:
        """Raises RpcError unless the phone accepts it."""
        dialog.handlers.notify = self._reports.take
        extra = to_headers(self._call.media.attributes, {}, headers)
        about = [("Refer-To", name_addr(self._to)), ("Allow", ALLOW), *extra]
        response = await dialog.send("REFER", headers=about, patience=patience)
        if response is None:
            raise self._failed("unknown", refused(None, ""), code=408)
        if not 200 <= response.status_code < 300:
            words = response.reason_phrase
            why = refused(response.status_code, words)
            raise self._failed("unknown", why, code=response.status_code)
        if (response.get_header("refer-sub") or "").strip().lower().startswith("false"):
            self._reports.none_to_come()

    def _judge(self, outcome: Outcome, rpc_code: str) -> None:
        if outcome.went_well:
            if outcome.why:
                self._tell("transfer_unknown", why.transfer_unknown(self._to, outcome.why))
            return
        if outcome.known:
            raise self._failed("canceled", outcome.why, code=outcome.code)
        self._tell("transfer_unknown", why.transfer_unknown(self._to, outcome.why))
        raise RpcError(rpc_code, outcome.why)

    def _failed(self, rpc_code: str, problem: str, *, code: int = 0) -> RpcError:
        self._tell("transfer_failed", why.transfer_failed(self._to, problem))
        return sip_error(code, problem, rpc_code) if code else RpcError(rpc_code, problem)

    def _tell(self, what: str, because: str) -> None:
        call = self._call
        log.info(f"call.{what}", call=call.room, pii_why=because)
        call.services.outbox.add(Problem(call=call.room, source=SOURCE, what=what, detail=because))
