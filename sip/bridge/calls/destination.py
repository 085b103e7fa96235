"""From what CreateSIPParticipant says to where an INVITE goes."""

from __future__ import annotations

from livekit.protocol import sip as lk

from sip.bridge.calls.attributes import to_headers
from sip.bridge.calls.dial import Destination
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.ua.digest import Login
from sip.bridge.ua.message import Headers
from sip.bridge.wire.rpc_sip_pb2 import InternalCreateSIPParticipantRequest

SIP_PORT = 5060


def destination(
    wanted: InternalCreateSIPParticipantRequest, our_host: str, mapped: Headers
) -> Destination:
    """Raises RpcError for an address that is none. A name is looked up when it is dialled."""
    host, port = _host_and_port(wanted.address)
    tcp = wanted.transport == lk.SIPTransport.SIP_TRANSPORT_TCP
    if wanted.transport == lk.SIPTransport.SIP_TRANSPORT_TLS:
        raise RpcError("unimplemented", "this leg speaks UDP and TCP; TLS needs livekit-sip")
    shown = wanted.display_name if wanted.HasField("display_name") else wanted.number
    name = "".join(c for c in shown if c.isprintable() and c not in '"\\')
    login = Login(wanted.username, wanted.password) if wanted.username and wanted.password else None
    from_host = wanted.hostname or our_host
    return Destination(
        uri=f"sip:{_user(wanted.call_to)}@{wanted.address};transport={'tcp' if tcp else 'udp'}",
        address=(host, port),
        frm=(f'"{name}" ' if name else "") + f"<sip:{_user(wanted.number)}@{from_host}>",
        tcp=tcp,
        login=login,
        headers=(*mapped, *to_headers({}, {}, wanted.headers)),
    )


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.partition(":")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise RpcError("invalid_argument", f"{address} is no address")
    return host, int(port or SIP_PORT)


def _user(text: str) -> str:
    """Only what a user part may hold unescaped (RFC 3261 §25.1)."""
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in "-_.!~*'()&=+$,;?/#"))
