"""Telephones of the company, rung into the room of a call."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
import msgspec
import structlog
from google.protobuf.duration_pb2 import Duration
from livekit import api

from dialplans.contracts import jobs
from dialplans.model import TELEPHONES
from dialplans.telephony.call import ANONYMOUS
from gateway.access.guest_list import Guest, GuestList
from gateway.access.livekit import Rooms
from gateway.access.tokens import side_room
from gateway.errors import Problem
from sip.objects import OWNER

log = structlog.get_logger(__name__)

_TRUNK = f"/outbound/{TELEPHONES}"
LEG = "seat-"
"""What the identities of people's telephones begin with."""


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """`telephone` of the plan is `who`'s; it shows `caller`, a number or `anonymous`.
    `leg` is the identity that it has in the room of `call`. It rings at most `seconds`."""

    call: str
    leg: str
    who: str
    telephone: str
    caller: str
    seconds: float


class TelephoneLegs:
    """What becomes of a telephone that rings is an event of its leg's: answered, or ended."""

    def __init__(self, rooms: Rooms, guests: GuestList) -> None:
        self._rooms = rooms
        self._guests = guests

    async def ring(self, ring: Ring) -> None:
        """Returns once the telephone has its place in the room. Raises a Problem where no leg, or
        no server, does it."""
        for room, purpose in ((ring.call, "talk"), (side_room(ring.call), "side")):
            guest = Guest(who=ring.who, purpose=purpose, call=ring.call)
            await self._guests.add(room, ring.leg, guest)
        try:
            await self._rooms.lk.sip.create_sip_participant(
                api.CreateSIPParticipantRequest(
                    sip_trunk_id=await self._trunk_id(),
                    sip_call_to=ring.telephone,
                    sip_number=ring.caller,
                    headers=_identity(ring),
                    room_name=ring.call,
                    participant_identity=ring.leg,
                    participant_name=ring.who,
                    participant_attributes={
                        jobs.ROLE: jobs.AGENT,
                        jobs.EARLY_SOUND: jobs.OFF,
                        jobs.SIDE: jobs.ON,
                    },
                    ringing_timeout=Duration(seconds=max(5, int(ring.seconds))),
                )
            )
        except api.ServerError as error:
            raise Problem("livekit_unreachable", error.message) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Problem("livekit_unreachable") from error

    async def stop(self, call: str, leg: str) -> None:
        """It rings no more, or is hung up on."""
        for room in (call, side_room(call)):
            await self._guests.strike(room, leg)
        await self._rooms.remove(call, leg)

    async def hold(self, call: str, leg: str, *, on: bool) -> None:
        """Whether the caller and the telephone are kept from hearing each other."""
        value = jobs.ON if on else jobs.OFF
        await self._rooms.set_attributes(call, leg, {jobs.ON_HOLD: value})

    async def _trunk_id(self) -> str:
        found = await self._rooms.lk.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())
        for trunk in found.items:
            if trunk.name.startswith(f"{OWNER}/") and trunk.name.endswith(_TRUNK):
                return str(trunk.sip_trunk_id)
        raise Problem("livekit_unreachable", "LiveKit does not know the plan's telephones yet.")


def _identity(ring: Ring) -> Mapping[str, str]:
    """Who calls, for a telephone that shows what is asserted (RFC 3325 §9.1) and not the From. A
    number that is withheld is asserted to nobody."""
    if ring.caller == ANONYMOUS or not ring.caller.startswith("+"):
        return {}
    return {"P-Asserted-Identity": f"<tel:{ring.caller}>"}


def is_telephone(identity: str) -> bool:
    """Whether whoever has this identity is a person's telephone."""
    return identity.startswith(LEG)
