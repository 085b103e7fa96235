"""What happens in rooms, as LiveKit's webhooks tell it: hints to check, never the truth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from livekit import api

from dialplans.contracts import events as ev
from dialplans.contracts.causes import EndCause
from dialplans.contracts.words import Direction, Source
from dialplans.telephony.call import ANONYMOUS, WEB_TRUNK
from gateway.access.admission import Admission
from gateway.access.far_legs import FarLegs
from gateway.access.guest_list import Guest, GuestList
from gateway.access.tokens import call_of, side_room
from gateway.access.web_calls import WebCalls
from gateway.records.store import Records

log = structlog.get_logger(__name__)

_KIND = api.ParticipantInfo.Kind
_IN_CALLS = frozenset({_KIND.SIP, _KIND.AGENT, _KIND.EGRESS})
"""Kinds that only servers get; they may be in a call's room. In a side room only whoever is on the
list may be, a person's telephone too."""


Gone = Callable[[str, str, str], Awaitable[None]]


class Webhooks:
    """Shows out whoever has no business in a room, and tells the rest who came and went.
    `gone` is told the call, who, and the identity that is not in the room any more."""

    def __init__(
        self,
        guests: GuestList,
        admission: Admission,
        journal: ev.Journal,
        *,
        records: Records,
        webcalls: WebCalls,
        far_legs: FarLegs,
        gone: Gone,
    ) -> None:
        self._guests = guests
        self._admission = admission
        self._journal = journal
        self._records = records
        self._webcalls = webcalls
        self._far_legs = far_legs
        self._gone = gone
        self.tell: list[Callable[[str], None]] = []
        """Who else wants to know at once that something happened in a call's room."""

    async def take(self, hook: api.WebhookEvent) -> None:
        room = hook.room.name
        call = call_of(room)
        if call is None:
            return
        for told in self.tell:
            told(call)
        at = datetime.fromtimestamp(hook.created_at or 0, UTC)
        match hook.event:
            case "participant_joined":
                await self._joined(call, room, hook.participant, at=at)
            case "participant_left" | "participant_connection_aborted":
                await self._left(call, room, hook.participant, at=at)
            case "room_finished" if room == call:
                await self._finished(call)
            case _:
                pass

    async def _joined(
        self, call: str, room: str, who: api.ParticipantInfo, *, at: datetime
    ) -> None:
        if room == call and who.kind in _IN_CALLS:
            await self._far_legs.joined(call, who, at)
            return
        guest = await self._guests.find(room, who.identity)
        if guest is None:
            log.warning("room.intruder", call=call, room=room, pii_identity=who.identity)
            await self._admission.turn_away(room, who.identity)
            await self._journal.append(
                ev.Problem(call=call, source=Source.GATEWAY, what="intruder_removed", detail=room)
            )
        elif not await self._admission.welcome(guest):
            await self.evict(room, who.identity, guest)
        elif guest.purpose == "caller":
            await self._web_caller(call, who.identity, guest, at)

    async def evict(self, room: str, identity: str, guest: Guest) -> None:
        """The right to be here ended: the sound first, then the call is put into other hands."""
        log.info("room.evicted", call=guest.call, who=guest.who, purpose=guest.purpose)
        await self._admission.evict(room, identity)
        await self._gone(guest.call, guest.who, identity)

    async def _web_caller(self, call: str, identity: str, guest: Guest, at: datetime) -> None:
        """On record as a call, or as one that was refused: then nobody stays in its room."""
        if await self._webcalls.enters(call, guest.called or ""):
            await self._web_call_began(call, guest, at)
            return
        log.info("room.over_the_limit", call=call)
        await self._admission.turn_away(call, identity, why="limit")
        await self._admission.close(call)

    async def _web_call_began(self, call: str, guest: Guest, at: datetime) -> None:
        await self._journal.append(
            ev.Started(
                call=call,
                source=Source.GATEWAY,
                at=at,
                id=ev.once(call, "started"),
                called=guest.called or "",
                caller=ANONYMOUS,
                direction=Direction.WEB,
                trunk=WEB_TRUNK,
            )
        )

    async def _left(self, call: str, room: str, who: api.ParticipantInfo, *, at: datetime) -> None:
        identity = who.identity
        if room == call and who.kind in _IN_CALLS:
            await self._far_legs.left(call, who, at)
        guest = await self._guests.find(room, identity)
        if guest is None:
            return
        await self._guests.strike(room, identity)
        await self._guests.out(room, identity)
        if guest.purpose == "caller":
            return
        await self._gone(call, guest.who, identity)

    async def _finished(self, call: str) -> None:
        """The job reports how a call ended; this is for calls whose job could not. Whispering
        ends with the call: its side room would stand open and empty otherwise."""
        await self._guests.close(call)
        await self._admission.close(side_room(call))
        row = await self._records.call(call)
        if row is not None and row.live:
            await self._journal.append(
                ev.Ended(
                    call=call,
                    source=Source.GATEWAY,
                    id=ev.once(call, EndCause.ROOM_CLOSED),
                    cause=EndCause.ROOM_CLOSED,
                )
            )
