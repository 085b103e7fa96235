"""What the steward asks of livekit-server, and what a room looks like to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import msgspec
from livekit import api

from dialplans.contracts.jobs import AGENT_NAME, CALLER, ROLE, Resume
from dialplans.telephony.call import ROOM_PREFIX

AGENT_KIND = api.ParticipantInfo.Kind.AGENT
SIP_KIND = api.ParticipantInfo.Kind.SIP
STANDARD_KIND = api.ParticipantInfo.Kind.STANDARD

ServerAwayError = (api.ServerError, aiohttp.ClientError, TimeoutError, OSError)
"""What asking livekit-server may raise while it is away."""


@dataclass(frozen=True)
class Seen:
    """One look into a room. `sid` is another one after livekit-server made the room anew."""

    sid: str
    callers: tuple[str, ...]
    agents: tuple[str, ...]
    people: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not (self.callers or self.agents or self.people)


class LiveKitRooms:
    """Calls of one livekit-server."""

    def __init__(self, lk: api.LiveKitAPI) -> None:
        self._lk = lk

    async def calls(self) -> dict[str, str]:
        """Rooms that hold a call, by name, with their sid."""
        found = await self._lk.room.list_rooms(api.ListRoomsRequest())
        return {room.name: room.sid for room in found.rooms if room.name.startswith(ROOM_PREFIX)}

    async def look(self, call: str, sid: str) -> Seen:
        try:
            found = await self._lk.room.list_participants(api.ListParticipantsRequest(room=call))
        except api.ServerError as error:
            if error.code != "not_found":
                raise
            return Seen(sid, (), (), ())
        return seen(sid, found.participants)

    async def dispatch(self, call: str, word: Resume) -> str:
        """Asks for a job; returns the dispatch's id. That a job was given says nothing yet: only
        its lease does."""
        made = await self._lk.agent_dispatch.create_dispatch(
            api.CreateAgentDispatchRequest(
                agent_name=AGENT_NAME, room=call, metadata=msgspec.json.encode(word).decode()
            )
        )
        return str(made.id)

    async def withdraw(self, call: str, dispatch: str) -> None:
        try:
            await self._lk.agent_dispatch.delete_dispatch(dispatch, call)
        except api.ServerError as error:
            if error.code != "not_found":
                raise

    async def remove(self, call: str, identity: str) -> None:
        try:
            await self._lk.room.remove_participant(
                api.RoomParticipantIdentity(room=call, identity=identity)
            )
        except api.ServerError as error:
            if error.code != "not_found":
                raise

    async def delete(self, call: str) -> None:
        try:
            await self._lk.room.delete_room(api.DeleteRoomRequest(room=call))
        except api.ServerError as error:
            if error.code != "not_found":
                raise


def seen(sid: str, participants: Sequence[api.ParticipantInfo]) -> Seen:
    """A leg that we dialled, or a colleague from the console, is no caller: the call ends with
    the one who called."""
    callers, agents, people = [], [], []
    for who in participants:
        role = who.attributes.get(ROLE, CALLER if who.kind == SIP_KIND else "")
        if who.kind == AGENT_KIND:
            agents.append(who.identity)
        elif role == CALLER and who.kind in (SIP_KIND, STANDARD_KIND):
            callers.append(who.identity)
        else:
            people.append(who.identity)
    return Seen(sid, tuple(callers), tuple(agents), tuple(people))
