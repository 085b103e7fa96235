"""From what CreateSIPParticipant says to where an INVITE goes."""

from __future__ import annotations

from collections.abc import Sequence

from livekit.protocol import sip as lk

from dialplans.language.leg_capabilities import EMBEDDED
from sip.bridge.calls.attributes import to_headers
from sip.bridge.calls.dial import Destination
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.registrar.telephones import Place
from sip.bridge.registration.registrations import WayOut
from sip.bridge.signalling.addresses import AddressError, dialled, host_and_port, name_addr, sip_uri
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.message import Headers
from sip.bridge.wire.rpc_sip_pb2 import InternalCreateSIPParticipantRequest

SIP_PORT = 5060


def destination(
    wanted: InternalCreateSIPParticipantRequest,
    our_host: str,
    mapped: Headers,
    way: WayOut | None = None,
) -> Destination:
    """Raises RpcError for an address that is none. A name is looked up when it is dialled. `way` is
    that of a registered account."""
    problem = beyond_us(wanted)
    if problem:
        raise RpcError("unimplemented", problem)
    tcp = wanted.transport == lk.SIPTransport.SIP_TRANSPORT_TCP
    shown = wanted.display_name if wanted.HasField("display_name") else wanted.number
    login = Login(wanted.username, wanted.password) if wanted.username and wanted.password else None
    try:
        host, port = host_and_port(wanted.address)
        transport = "tcp" if tcp else "udp"
        uri = sip_uri(wanted.address, dialled(wanted.call_to), transport=transport)
        frm = name_addr(sip_uri(wanted.hostname or our_host, dialled(wanted.number)), shown)
    except AddressError as error:
        raise RpcError("invalid_argument", str(error)) from error
    return Destination(
        uri=uri,
        address=way.hop if way is not None else (host.strip("[]"), port or SIP_PORT),
        routes=way.routes if way is not None else (),
        frm=frm,
        tcp=tcp,
        login=login,
        headers=(*mapped, *to_headers({}, {}, wanted.headers)),
    )


def telephone_destinations(
    wanted: InternalCreateSIPParticipantRequest,
    our_host: str,
    mapped: Headers,
    places: Sequence[Sequence[Place]],
) -> list[list[Destination]]:
    """The same call to each place where a telephone of the company is. Raises RpcError."""
    shown = wanted.display_name if wanted.HasField("display_name") else ""
    try:
        frm = name_addr(sip_uri(our_host, dialled(wanted.number)), shown)
    except AddressError as error:
        raise RpcError("invalid_argument", str(error)) from error
    headers = (*mapped, *to_headers({}, {}, wanted.headers))
    return [
        [
            Destination(
                uri=place.uri,
                address=place.address,
                frm=frm,
                tcp=place.tcp,
                headers=headers,
                flow=place.flow,
                routes=place.routes,
            )
            for place in group
        ]
        for group in places
    ]


def beyond_us(wanted: InternalCreateSIPParticipantRequest) -> str:
    """What the trunk or the request asks for and this leg cannot do; nothing is done by halves."""
    if wanted.transport == lk.SIPTransport.SIP_TRANSPORT_TLS:
        return EMBEDDED.cannot["transport"]["tls"]
    required = lk.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE
    if required in (wanted.media_encryption, wanted.media.encryption):
        return EMBEDDED.cannot["srtp"]["required"]
    return ""
