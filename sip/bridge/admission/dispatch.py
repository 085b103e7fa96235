"""Asking livekit-server about a call that wants in: which trunk, which login, which room."""

from __future__ import annotations

from dataclasses import dataclass

from livekit.protocol import sip as lk

from dialplans.telephony.addresses import address
from dialplans.telephony.call import ANONYMOUS, CallContext
from sip.bridge.psrpc.client import Client
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.reading.values import read_via
from sip.bridge.transport.flow import Flow
from sip.bridge.wire import rpc_sip_pb2 as rpc
from sip.registered import address_of

NOWHERE = "anonymous.invalid"


@dataclass(frozen=True)
class DispatchQuery:
    """A call as livekit-server wants it told; kept, because it is asked twice."""

    id: str
    call: rpc.SIPCall
    context: CallContext

    @classmethod
    def of(cls, request: Request, flow: Flow, context: CallContext, lk_id: str) -> DispatchQuery:
        frm, to, uri = (
            address(text)
            for text in (request.header("from") or "", request.header("to") or "", request.uri)
        )
        # Whoever withholds a number is not told apart by the host either (RFC 3323 §4.1.1.3).
        host = NOWHERE if context.caller == ANONYMOUS else frm.host
        call = rpc.SIPCall(
            lk_call_id=lk_id,
            source_ip=address_of(context.trunk) if context.trunk else flow.peer[0],
            address=lk.SIPUri(user=context.called, host=uri.host, port=uri.port or 0),
            to=lk.SIPUri(user=context.called, host=to.host, port=to.port or 0),
            via=[
                lk.SIPUri(host=v.host, port=_port(v.port))
                for v in map(read_via, request.headers("via"))
            ],
            sip_call_id=request.call_id,
        )
        getattr(call, "from").CopyFrom(
            lk.SIPUri(user=context.caller, host=host, port=frm.port or 0)
        )
        return cls(lk_id, call, context)

    async def trunk(self, livekit: Client) -> rpc.GetSIPTrunkAuthenticationResponse:
        """Raises RpcError."""
        request = rpc.GetSIPTrunkAuthenticationRequest(
            call=self.call,
            to=self.context.called,
            to_host=self.call.to.host,
            from_host=getattr(self.call, "from").host,
            src_address=self.call.source_ip,
            sip_call_id=self.id,
            **{"from": self.context.caller},
        )
        reply = rpc.GetSIPTrunkAuthenticationResponse
        return await livekit.call("GetSIPTrunkAuthentication", request, reply=reply)

    async def room(self, livekit: Client, trunk: str) -> rpc.EvaluateSIPDispatchRulesResponse:
        """Raises RpcError."""
        request = rpc.EvaluateSIPDispatchRulesRequest(
            sip_trunk_id=trunk,
            call=self.call,
            sip_call_id=self.id,
            src_address=self.call.source_ip,
            # Deprecated, yet a rule's numbers are matched against these two only.
            calling_number=self.context.caller,
            called_number=self.context.called,
            calling_host=getattr(self.call, "from").host,
            called_host=self.call.to.host,
        )
        reply = rpc.EvaluateSIPDispatchRulesResponse
        return await livekit.call("EvaluateSIPDispatchRules", request, reply=reply)


def _port(port: int | None) -> int:
    """SIPUri holds 32 bits; what is no port is left out."""
    return port if port is not None and 0 < port < 65536 else 0
