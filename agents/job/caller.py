"""Who calls, and whom: read from the participant that LiveKit's SIP leg, or a web page, made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog
from livekit import rtc

from dialplans.contracts.jobs import CALLED, CALLER, ECHOLESS, ROLE
from dialplans.engine.sip_participant import GONE, STATUS, TALKING, call_of, of_our_leg
from dialplans.model import Dialplan
from dialplans.telephony.call import ANONYMOUS, WEB_TRUNK, CallContext

log = structlog.get_logger(__name__)

CALLER_WITHIN_S = 20.0

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
STANDARD = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD


class NobodyCameError(Exception):
    """The room has no caller: whoever it was hung up before we came."""


@dataclass(frozen=True)
class Caller:
    identity: str
    sip: bool
    attributes: Mapping[str, str]

    @property
    def echoless(self) -> bool:
        """The leg takes the line's echo out, and better than a guard that hears only what is left
        of it beneath the caller's voice."""
        return bool(self.attributes.get(ECHOLESS))

    @property
    def behind_another_leg(self) -> bool:
        """A telephone whose leg neither asks the plan nor writes a record."""
        return self.sip and not of_our_leg(self.attributes)


def is_caller(who: rtc.RemoteParticipant) -> bool:
    """The leg that came in, not one that we dialled, nor a colleague from the console."""
    if who.kind == SIP:
        return who.attributes.get(ROLE, CALLER) == CALLER
    return who.kind == STANDARD and who.attributes.get(ROLE) == CALLER


async def wait_for_caller(room: rtc.Room, within: float = CALLER_WITHIN_S) -> Caller:
    """The caller, in the room already or about to join it. Raises NobodyCameError."""
    came: asyncio.Future[rtc.RemoteParticipant] = asyncio.get_running_loop().create_future()

    def look(who: rtc.RemoteParticipant) -> None:
        if is_caller(who) and not came.done():
            came.set_result(who)

    room.on("participant_connected", look)
    try:
        for who in list(room.remote_participants.values()):
            look(who)
        caller = await asyncio.wait_for(came, within)
    except TimeoutError as error:
        raise NobodyCameError(room.name) from error
    finally:
        room.off("participant_connected", look)
    return Caller(caller.identity, caller.kind == SIP, caller.attributes)


async def late_attributes(room: rtc.Room, identity: str, *wanted: str, within: float) -> bool:
    """Waits until the participant has all of these; LiveKit's leg sets some just after it joined
    (only ids and numbers are in its token). False if they did not come."""
    complete = asyncio.Event()

    def look(*_: object) -> None:
        who = room.remote_participants.get(identity)
        if who is not None and all(name in who.attributes for name in wanted):
            complete.set()

    room.on("participant_attributes_changed", look)
    try:
        look()
        await asyncio.wait_for(complete.wait(), within)
    except TimeoutError:
        return False
    finally:
        room.off("participant_attributes_changed", look)
    return True


def as_now(room: rtc.Room, caller: Caller) -> Caller:
    """With the attributes that came since; what a participant gives out is a copy."""
    who = room.remote_participants.get(caller.identity)
    return replace(caller, attributes=who.attributes) if who is not None else caller


async def answered(room: rtc.Room, identity: str, within: float) -> bool:
    """Waits for the leg's 200 OK: a greeting before it would lose its first words. False if the
    caller is gone before; a leg that says nothing for so long is taken to be answered."""
    done = asyncio.Event()

    def status() -> str | None:
        who = room.remote_participants.get(identity)
        return who.attributes.get(STATUS) if who else GONE

    def look(*_: object) -> None:
        if status() in (*TALKING, GONE, None):
            done.set()

    room.on("participant_attributes_changed", look)
    room.on("participant_disconnected", look)
    try:
        look()
        await asyncio.wait_for(done.wait(), within)
    except TimeoutError:
        log.warning("caller.answered_unsaid", identity=identity)
    finally:
        room.off("participant_attributes_changed", look)
        room.off("participant_disconnected", look)
    return status() != GONE


def context(plan: Dialplan, room: str, caller: Caller) -> CallContext:
    """The facts for the engine."""
    facts = caller.attributes
    if not caller.sip:
        called = facts.get(CALLED) or WEB_TRUNK
        return CallContext(called, call_id=room, trunk=WEB_TRUNK)
    return call_of(plan, room, facts)


def asks_headers(plan: Dialplan, caller: Caller) -> bool:
    """Whether late headers are waited for: a number may be withheld by one, and a rule for the
    number called may look at some. Whoever is anonymous already cannot become it."""
    call = context(plan, "", caller)
    number = plan.numbers.get(call.called)
    if not caller.sip or number is None:
        return False
    return call.caller != ANONYMOUS or any(
        rule.when.header or rule.when.forwarded_from or rule.when.dialled
        for rule in plan.routes.get(number.route, ())
    )
