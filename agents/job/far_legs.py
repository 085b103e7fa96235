"""What our own leg would write about telephones, for those behind a leg that writes nothing.

LiveKit's leg tells by attributes when a telephone has answered, and nothing else does: no webhook
comes for an attribute. So the job, which is in the room, reports it, and all of the telephones that
it dialled.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from livekit import rtc

from agents.job.caller import Caller
from dialplans.contracts.causes import EndCause, EndedBy
from dialplans.contracts.events import Answered, Ended, Event, Started, once
from dialplans.contracts.jobs import CALLER, ROLE
from dialplans.contracts.words import Direction, Source
from dialplans.engine.sip_participant import STATUS, TALKING, of_our_leg, started
from dialplans.telephony.call import CallContext


class FarLegs:
    """Reports from `attach` on; `tell` takes an event."""

    def __init__(self, room: rtc.Room, caller: Caller, tell: Callable[[Event], None]) -> None:
        self._room = room
        self._caller = caller
        self._tell = tell
        self._answered: set[str] = set()

    def attach(self, context: CallContext) -> None:
        if not self._caller.sip:
            return
        if self._caller.behind_another_leg:
            now = datetime.now(UTC)
            self._tell(started(context, self._caller.attributes, source=Source.AGENT, at=now))
        self._room.on("participant_connected", self._came)
        self._room.on("participant_attributes_changed", self._changed)
        self._room.on("participant_disconnected", self._left)
        for who in self._room.remote_participants.values():
            self._look(who)

    def _came(self, who: rtc.RemoteParticipant) -> None:
        if _dialled(who):
            self._tell(
                Started(
                    call=self._room.name,
                    source=Source.AGENT,
                    called=who.attributes.get("sip.phoneNumber", ""),
                    caller=who.attributes.get("sip.trunkPhoneNumber", ""),
                    direction=Direction.OUT,
                    trunk=who.name or None,
                    leg=who.identity,
                )
            )
            self._look(who)

    def _changed(self, _: dict[str, str], who: rtc.Participant) -> None:
        self._look(who)

    def _look(self, who: rtc.Participant) -> None:
        ours = who.identity == self._caller.identity
        far = self._caller.behind_another_leg if ours else _dialled(who)
        if not far or who.identity in self._answered or who.attributes.get(STATUS) not in TALKING:
            return
        self._answered.add(who.identity)
        leg = None if ours else who.identity
        call = self._room.name
        event_id = once(call, f"answered {leg or ''}")
        self._tell(Answered(call=call, source=Source.AGENT, id=event_id, leg=leg))

    def _left(self, who: rtc.RemoteParticipant) -> None:
        if who.identity == self._caller.identity or not _dialled(who):
            return
        answered = who.identity in self._answered
        self._tell(
            Ended(
                call=self._room.name,
                source=Source.AGENT,
                cause=EndCause.PERSON_HUNG_UP if answered else EndCause.NO_ANSWER,
                by=EndedBy.CALLEE,
                leg=who.identity,
            )
        )


def _dialled(who: rtc.Participant) -> bool:
    """A telephone that a job has dialled, behind another leg than ours."""
    far = who.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP and not of_our_leg(who.attributes)
    return far and who.attributes.get(ROLE, CALLER) != CALLER
