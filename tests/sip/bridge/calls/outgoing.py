"""Calls of ours through livekit-server's own API."""

from __future__ import annotations

from livekit import api

from tests.sip.bridge.callee import Callee
from tests.sip.bridge.world import World

ROOM = "call-outbound"


async def call(world: World, phone: Callee, **more: object) -> api.SIPParticipantInfo:
    async with world.api() as client:
        trunk = api.SIPOutboundConfig(
            hostname=f"{phone.address[0]}:{phone.address[1]}",
            auth_username="us",
            auth_password="ours",
            transport=api.SIPTransport.SIP_TRANSPORT_UDP,
        )
        request = api.CreateSIPParticipantRequest(
            trunk=trunk,
            sip_number="+498920001000",
            sip_call_to="+491701111",
            room_name=ROOM,
            participant_identity="callee",
            **more,
        )
        made: api.SIPParticipantInfo = await client.sip.create_sip_participant(request)
        return made
