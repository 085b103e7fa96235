"""Telling livekit-server how a call is doing (UpdateSIPCallState), as livekit-sip does."""

from __future__ import annotations

import time

import structlog
from google.protobuf.empty_pb2 import Empty
from livekit.protocol import sip as lk

from sip.bridge.calls.services import CallServices
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.wire.rpc_sip_pb2 import UpdateSIPCallStateRequest

log = structlog.get_logger()


class CallStateUpdates:
    """One call's `SIPCallInfo`; each `send` tells what has changed by then, in the background."""

    def __init__(self, services: CallServices, info: lk.SIPCallInfo) -> None:
        self._services = services
        self.info = info
        self.info.created_at_ns = time.time_ns()

    def send(self, status: lk.SIPCallStatus, *, error: str = "") -> None:
        now = time.time_ns()
        self.info.call_status = status
        if status == lk.SIPCallStatus.SCS_ACTIVE:
            self.info.started_at_ns = now
        if status in (lk.SIPCallStatus.SCS_DISCONNECTED, lk.SIPCallStatus.SCS_ERROR):
            self.info.ended_at_ns = now
            self.info.error = error
        request = UpdateSIPCallStateRequest()
        request.call_info.CopyFrom(self.info)
        self._services.tasks.spawn(self._update(request))

    def send_transfer(self, transfer: lk.SIPTransferInfo) -> None:
        request = UpdateSIPCallStateRequest()
        request.transfer_info.CopyFrom(transfer)
        self._services.tasks.spawn(self._update(request))

    async def _update(self, request: UpdateSIPCallStateRequest) -> None:
        try:
            await self._services.livekit.call("UpdateSIPCallState", request, reply=Empty)
        except RpcError as error:
            log.info("call.state_not_told", error=error.message)
