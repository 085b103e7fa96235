"""Who is rung for one call of ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiosipua.message import SipRequest

from sip.bridge.calls.outgoing.destination import (
    destination,
    permission,
    telephone_destinations,
)
from sip.bridge.calls.services import CallServices
from sip.bridge.dialling.dial import Destination, Dialler
from sip.bridge.dialling.early_dialogs import WhileItRings
from sip.bridge.signalling.message import Headers
from sip.bridge.transport.flow import Flow
from sip.bridge.wire.rpc_sip_pb2 import InternalCreateSIPParticipantRequest
from sip.registered import TELEPHONE_HOST


def unnoticed(request: SipRequest, flow: Flow) -> None:
    """Nobody need know what was sent."""


def destinations(
    services: CallServices, wanted: InternalCreateSIPParticipantRequest, mapped: Headers
) -> list[list[Destination]]:
    """Where to ring, all places of a group together. Raises RpcError."""
    host = services.endpoint.host
    if wanted.address == TELEPHONE_HOST:
        places = services.telephones.places(wanted.call_to)
        return telephone_destinations(wanted, host, mapped, places)
    way = services.registrations.way_out(wanted.address, wanted.username)
    return [[destination(wanted, host, mapped, way)]]


async def diallers(
    services: CallServices,
    wanted: InternalCreateSIPParticipantRequest,
    offer: bytes,
    *,
    mapped: Headers,
    ringing: WhileItRings,
    sent: Callable[[SipRequest, Flow], None] = unnoticed,
) -> Sequence[Sequence[Dialler]]:
    """In groups that are rung one after the other. Raises RpcError."""
    if wanted.address == TELEPHONE_HOST:
        await services.telephones.look_up(wanted.call_to)
    return [
        [
            Dialler(
                services.endpoint,
                to,
                offer,
                while_it_rings=ringing,
                permission=permission(wanted, services.admission.policy.plan),
                carriers=services.carriers,
                on_sent=sent,
            )
            for to in group
        ]
        for group in destinations(services, wanted, mapped)
    ]
