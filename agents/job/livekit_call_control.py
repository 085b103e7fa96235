"""The caller's line, by LiveKit's server API. Jobs never delete rooms: the steward does."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

import structlog
from google.protobuf.duration_pb2 import Duration
from livekit import api, rtc

from agents.call.call_control import NotReached, NotReachedError
from agents.job.briefing import LiveKitBriefing
from agents.plans import PinnedPlan
from dialplans.contracts.causes import EndCause
from dialplans.contracts.dial_outcome import dial_outcome
from dialplans.contracts.jobs import AGENT, EARLY_SOUND, OFF, ON, ROLE
from dialplans.model import TELEPHONES
from dialplans.telephony.call import ANONYMOUS
from dialplans.telephony.numbers import normalise
from dialplans.telephony.wildcards import matches

log = structlog.get_logger(__name__)

OURS = "switchboard/"
LAST_WORD_S = 0.3
"""What was played here has still to travel to the caller's ear before the line may be cut."""


class LiveKitCallControl:
    """Implements `agents.call.call_control.CallControl`."""

    def __init__(self, lk: api.LiveKitAPI, room: rtc.Room, caller: str, plan: PinnedPlan) -> None:
        self._lk = lk
        self._joined = room
        self._room = room.name
        self._caller = caller
        self._plan = plan

    async def hang_up(self, cause: EndCause) -> None:
        log.info("line.hang_up", cause=cause)
        await asyncio.sleep(LAST_WORD_S)
        await self.drop(self._caller)

    async def refuse(self, code: int) -> None:
        """The leg turns a removal while it rings into 486; the plan's own code is in the record."""
        log.info("line.refuse", code=code)
        await self.drop(self._caller)

    async def drop(self, identity: str) -> None:
        try:
            await self._lk.room.remove_participant(
                api.RoomParticipantIdentity(room=self._room, identity=identity)
            )
        except api.ServerError as error:
            if error.code != "not_found":
                raise

    def briefing(self, identity: str) -> LiveKitBriefing:
        return LiveKitBriefing(self._lk, self._joined, self._caller, identity)

    async def dial(
        self, number: str, *, via: str, ring_s: float, heard: Callable[[], object] | None = None
    ) -> str:
        inside = via == TELEPHONES
        number = number if inside else normalise(number, "") or number
        allowed = self._plan.plan.limits.dial_out
        if not inside and not any(matches(pattern, number) for pattern in allowed):
            log.error("line.not_allowed", pii_number=number)
            raise NotReachedError(NotReached.FAILED)
        identity = f"person-{secrets.token_hex(4)}"
        attributes = {ROLE: AGENT} if heard is not None else {ROLE: AGENT, EARLY_SOUND: OFF}

        def changed(values: dict[str, str], who: rtc.Participant) -> None:
            if heard is not None and who.identity == identity and values.get(EARLY_SOUND) == ON:
                heard()

        self._joined.on("participant_attributes_changed", changed)
        try:
            await self._lk.sip.create_sip_participant(
                api.CreateSIPParticipantRequest(
                    sip_trunk_id=await self._trunk(via),
                    sip_call_to=number,
                    sip_number=self._caller_number() if inside else "",
                    room_name=self._room,
                    participant_identity=identity,
                    participant_name=via,
                    participant_attributes=attributes,
                    wait_until_answered=True,
                    ringing_timeout=Duration(seconds=max(5, int(ring_s))),
                )
            )
        except api.ServerError as error:
            raise NotReachedError(_why(error)) from error
        finally:
            self._joined.off("participant_attributes_changed", changed)
        return identity

    def _caller_number(self) -> str:
        """A telephone of the company shows who calls."""
        caller = self._joined.remote_participants.get(self._caller)
        shown = caller.attributes.get("sip.phoneNumber", "") if caller is not None else ""
        return shown or ANONYMOUS

    async def _trunk(self, via: str) -> str:
        found = await self._lk.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())
        for trunk in found.items:
            if trunk.name.startswith(OURS) and trunk.name.rsplit("/", 1)[-1] == via:
                return str(trunk.sip_trunk_id)
        log.error("line.no_trunk", via=via)
        raise NotReachedError(NotReached.FAILED)

    async def refer(self, uri: str, *, ring_s: float) -> None:
        try:
            await self._lk.sip.transfer_sip_participant(
                api.TransferSIPParticipantRequest(
                    room_name=self._room,
                    participant_identity=self._caller,
                    transfer_to=uri,
                    ringing_timeout=Duration(seconds=max(5, int(ring_s))),
                )
            )
        except api.ServerError as error:
            raise NotReachedError(_why(error)) from error


def _why(error: api.ServerError) -> NotReached:
    code = error.sip_status_code if isinstance(error, api.SipCallError) else None
    if code is not None:
        words = error.sip_status if isinstance(error, api.SipCallError) else ""
        return NotReached(dial_outcome(code, words or ""))
    # No answer in time has no SIP status (livekit/sip issue 857).
    late = error.code in ("deadline_exceeded", "canceled")
    return NotReached.NO_ANSWER if late else NotReached.FAILED
