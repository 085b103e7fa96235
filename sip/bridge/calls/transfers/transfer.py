"""Blind transfer: the phone is asked to call somebody else (REFER, RFC 3515)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import structlog
from google.protobuf.any_pb2 import Any
from google.protobuf.empty_pb2 import Empty
from livekit.protocol import sip as lk

from dialplans.contracts import why
from dialplans.contracts.events import Problem
from sip.bridge.calls.attributes import to_headers
from sip.bridge.calls.call import Call
from sip.bridge.calls.call_state_updates import CallStateUpdates
from sip.bridge.calls.outcome import TRANSFERRED
from sip.bridge.psrpc.channels import new_id
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.psrpc.server import Method
from sip.bridge.runtime.outbox import SOURCE
from sip.bridge.signalling.addresses import AddressError, name_addr, uri_of
from sip.bridge.signalling.reading.parse import is_number
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import ALLOW
from sip.bridge.wire import rpc_sip_pb2 as rpc

log = structlog.get_logger()

PATIENCE = 80.0
HANG_UP_AFTER = 1.0
"""A phone that was transferred usually hangs up by itself."""


async def serve_transfer(call: Call, updates: CallStateUpdates) -> None:
    """Answer TransferSIPParticipant for this call until it is closed."""

    async def handle(request: rpc.InternalTransferSIPParticipantRequest) -> Empty:
        patience = float(request.ringing_timeout.ToTimedelta().total_seconds()) or PATIENCE
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
        self._result: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()

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
        try:
            async with asyncio.timeout(patience):
                await self._refer(headers)
        except TimeoutError:
            info.error = "the phone did not say how the transfer went"
        except RpcError as error:
            info.error = error.message
            raise
        finally:
            failed = bool(info.error)
            status = lk.SIPTransferStatus
            info.transfer_status = (
                status.STS_TRANSFER_FAILED if failed else status.STS_TRANSFER_SUCCESSFUL
            )
            info.transfer_completed_at_ns = time.time_ns()
            self._updates.send_transfer(info)
            if failed:
                self._say_why(info.error)
        if failed:
            raise RpcError("canceled", info.error)
        asyncio.get_running_loop().call_later(HANG_UP_AFTER, self._call.end, TRANSFERRED)

    def _say_why(self, problem: str) -> None:
        call = self._call
        because = why.transfer_failed(self._to, problem)
        log.info("call.transfer_failed", call=call.room, pii_why=because)
        call.services.outbox.add(
            Problem(call=call.room, source=SOURCE, what="transfer_failed", detail=because)
        )

    async def _refer(self, headers: Mapping[str, str]) -> None:
        dialog = self._call.dialog
        if dialog is None or dialog.closed:
            raise RpcError("failed_precondition", "can't transfer non established call")
        dialog.handlers.notify = self._notified
        extra = to_headers(self._call.media.attributes, {}, headers)
        about = [("Refer-To", name_addr(self._to)), ("Allow", ALLOW), *extra]
        response = await dialog.send("REFER", headers=about)
        if response is None or response.status_code not in (200, 202):
            code = response.status_code if response is not None else 408
            raise sip_error(code, "the phone refuses to be transferred", "unknown")
        code, words = await self._result
        if not 200 <= code < 300:
            raise sip_error(code, f"call transfer failed: {words}", "canceled")

    def _notified(self, transaction: ServerTransaction) -> None:
        """The phone's progress, as the first line of a SIP message (RFC 3515 §2.4.4)."""
        request = transaction.request
        event = (request.header("event") or "").partition(";")[0].strip().lower()
        if event != "refer":
            transaction.respond(489, headers=[("Allow-Events", "refer")])
            return
        transaction.respond(200)
        _, _, rest = request.text.strip().partition(" ")
        number, _, words = rest.strip().partition(" ")
        final = is_number(number) and int(number) >= 200
        if final and not self._result.done():
            self._result.set_result((int(number), words.splitlines()[0] if words else ""))


def sip_error(code: int, message: str, rpc_code: str) -> RpcError:
    """An error that livekit-api turns into `SipCallError` with this status."""
    detail = Any()
    detail.Pack(lk.SIPStatus(code=code, status=message))  # type: ignore[arg-type]
    return RpcError(rpc_code, f"{message}: sip status: {code}", details=[detail])
