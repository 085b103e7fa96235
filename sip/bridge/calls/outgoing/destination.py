"""From what CreateSIPParticipant says to where an INVITE goes."""

from __future__ import annotations

from collections.abc import Sequence

from livekit.protocol import sip as lk

from dialplans.model import Dialplan
from sip.bridge.calls.attributes import to_headers
from sip.bridge.calls.services import CallServices
from sip.bridge.carriers.locate import Place
from sip.bridge.dialling.dial import Destination
from sip.bridge.dialling.permission import BY_TLS, PLAIN, Permission
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.registrar.telephones import Place as Rings
from sip.bridge.registration.registrations import WayOut
from sip.bridge.signalling.addresses import AddressError, dialled, host_and_port, name_addr, sip_uri
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.message import Headers
from sip.bridge.wire.rpc_sip_pb2 import InternalCreateSIPParticipantRequest
from sip.registered import TELEPHONE_HOST

TRANSPORTS = {
    lk.SIPTransport.SIP_TRANSPORT_UDP: "udp",
    lk.SIPTransport.SIP_TRANSPORT_TCP: "tcp",
    lk.SIPTransport.SIP_TRANSPORT_TLS: "tls",
}
"""Otherwise any will do."""


async def bid(services: CallServices, wanted: InternalCreateSIPParticipantRequest) -> float:
    """How much this leg wants the call, below 0 not at all: it is full or draining, or whoever is
    called is to be reached from another one. That is the leg that a telephone has registered with,
    or that an account is registered from: its server expects its calls from there."""
    affinity = services.admission.capacity.affinity()
    if affinity < 0:
        return affinity
    if wanted.address == TELEPHONE_HOST:
        return affinity if await services.telephones.rung_from_here(wanted.call_to) else -1.0
    registrations = services.registrations
    if registrations.leads or not services.legs.any_other:
        return affinity
    return -1.0 if registrations.keeps(wanted.address, wanted.username) else affinity


def destination(
    wanted: InternalCreateSIPParticipantRequest,
    our_host: str,
    mapped: Headers,
    way: WayOut | None = None,
) -> Destination:
    """Raises RpcError for an address that is none. A name is looked up when it is dialled. `way` is
    that of a registered account."""
    transport = TRANSPORTS.get(wanted.transport, "")
    shown = wanted.display_name if wanted.HasField("display_name") else wanted.number
    login = Login(wanted.username, wanted.password) if wanted.username and wanted.password else None
    try:
        host, port = host_and_port(wanted.address)
        uri = sip_uri(wanted.address, dialled(wanted.call_to), transport=transport or "udp")
        frm = name_addr(sip_uri(wanted.hostname or our_host, dialled(wanted.number)), shown)
    except AddressError as error:
        raise RpcError("invalid_argument", str(error)) from error
    return Destination(
        uri=uri,
        place=Place(*way.hop, transport) if way else Place(host.strip("[]"), port, transport),
        routes=way.routes if way is not None else (),
        flow=way.flow if way is not None else None,
        frm=frm,
        login=login,
        headers=(*mapped, *to_headers({}, {}, wanted.headers)),
    )


def telephone_destinations(
    wanted: InternalCreateSIPParticipantRequest,
    our_host: str,
    mapped: Headers,
    places: Sequence[Sequence[Rings]],
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
                place=Place(*place.address, "tcp" if place.tcp else "udp"),
                frm=frm,
                headers=headers,
                flow=place.flow,
                routes=place.routes,
            )
            for place in group
        ]
        for group in places
    ]


def permission(wanted: InternalCreateSIPParticipantRequest, plan: Dialplan | None) -> Permission:
    """Where the other side may send this call on to. The trunk's name is not in the request: its
    addresses are those of every trunk of the plan that dials where this call goes."""
    host, _ = host_and_port(wanted.address)
    trunks = [] if plan is None else plan.trunks.values()
    dialling = [one for one in trunks if one.outbound and one.outbound.address == wanted.address]
    countries = {one.country for one in dialling if one.country}
    return Permission(
        dialled=dialled(wanted.call_to),
        host=host.strip("[]").lower(),
        networks=tuple(sorted({network for one in dialling for network in one.allow})),
        dial_out=() if plan is None else plan.limits.dial_out,
        country=countries.pop() if len(countries) == 1 else "",
        transports=BY_TLS if wanted.transport == lk.SIPTransport.SIP_TRANSPORT_TLS else PLAIN,
    )
