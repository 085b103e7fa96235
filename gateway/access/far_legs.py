"""The record of telephones whose leg writes none: LiveKit's own leg knows nothing of records.

What its webhooks tell is enough for who called, and how it ended; that the call was answered only
the job sees. Everything here carries the id of what it says, so that the job may say it as well.
"""

from __future__ import annotations

from datetime import datetime

from livekit import api
from livekit.protocol.models import DisconnectReason

from dialplans.contracts import events as ev
from dialplans.contracts.causes import EndCause, EndedBy, RefusalReason
from dialplans.contracts.jobs import CALLER, ROLE
from dialplans.contracts.words import Source
from dialplans.engine.sip_participant import (
    GONE,
    STATUS,
    call_of,
    caller_of,
    of_our_leg,
    started,
)
from gateway.records.store import Records
from gateway.routing.current import CurrentPlan

Why = tuple[int, RefusalReason, str]
CANCELLED = (487, RefusalReason.CANCELLED, "the caller hung up while it rang")
RANG_OUT = (486, RefusalReason.NO_ANSWER, "it rang until the leg gave up")
NOBODY_THERE = (486, RefusalReason.NO_WORKER, "no worker took the call while it rang")

_TAKEN_OUT = frozenset({DisconnectReason.PARTICIPANT_REMOVED, DisconnectReason.ROOM_DELETED})
_GOOD = frozenset(
    {
        DisconnectReason.CLIENT_INITIATED,
        DisconnectReason.USER_REJECTED,
        DisconnectReason.USER_UNAVAILABLE,
        DisconnectReason.SIP_TRUNK_FAILURE,
    }
)
"""The leg left because its telephone did; after anything else it may join again."""


class FarLegs:
    def __init__(self, journal: ev.Journal, records: Records, plan: CurrentPlan) -> None:
        self._journal = journal
        self._records = records
        self._plan = plan

    async def joined(self, call: str, who: api.ParticipantInfo, at: datetime) -> None:
        if not _calls_us(who):
            return
        plan = (await self._plan.loaded()).plan
        context = call_of(plan, call, who.attributes)
        await self._journal.append(started(context, who.attributes, source=Source.GATEWAY, at=at))

    async def left(self, call: str, who: api.ParticipantInfo, at: datetime) -> None:
        """A connection that broke says nothing yet: the leg may be back, and if not, the room is
        closed and the record with it."""
        if not _calls_us(who):
            return
        row = await self._records.call(call)
        answered = row is not None and row.answered_at is not None
        if who.disconnect_reason in _TAKEN_OUT:
            await self._ended(call, at, EndCause.ROOM_CLOSED, EndedBy.SYSTEM)
        elif who.disconnect_reason in _GOOD and answered:
            await self._ended(call, at, EndCause.CALLER_HUNG_UP, EndedBy.CALLER)
        elif who.disconnect_reason in _GOOD:
            taken = row is not None and row.decision is not None
            gave_up = RANG_OUT if taken else NOBODY_THERE
            # The status tells a telephone that hung up from a leg that was tired of ringing.
            hung_up = who.attributes.get(STATUS) == GONE
            await self._never_answered(call, who, at, why=CANCELLED if hung_up else gave_up)

    async def _never_answered(
        self, call: str, who: api.ParticipantInfo, at: datetime, *, why: Why
    ) -> None:
        """As our own leg has it: a call that never came in."""
        code, reason, detail = why
        plan = (await self._plan.loaded()).plan
        context = call_of(plan, call, who.attributes)
        await self._journal.append(
            ev.Refused(
                call=call,
                source=Source.GATEWAY,
                at=at,
                id=ev.once(call, "never_answered"),
                code=code,
                reason=reason,
                detail=detail,
                called=context.called,
                caller=caller_of(context, who.attributes),
            )
        )

    async def _ended(self, call: str, at: datetime, cause: EndCause, by: EndedBy) -> None:
        ended = ev.Ended(
            call=call, source=Source.GATEWAY, at=at, id=ev.once(call, "left"), cause=cause, by=by
        )
        await self._journal.append(ended)


def _calls_us(who: api.ParticipantInfo) -> bool:
    """Neither a telephone of our own leg, nor one that a job dialled and reports about."""
    dialled = who.attributes.get(ROLE, CALLER) != CALLER
    return (
        who.kind == api.ParticipantInfo.Kind.SIP and not dialled and not of_our_leg(who.attributes)
    )
