"""A call as the participant tells it that a SIP leg made of it.

Ours tells the facts of the INVITE elsewhere too. Of a call behind another leg these attributes are
all that is ever known (`livekit.AttrSIP…` in LiveKit's protocol), and whoever sees them, gateway or
worker, must read the same call out of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from dialplans.contracts.events import Started, once
from dialplans.contracts.jobs import LEG, NO_TRUNK, TRUNK
from dialplans.contracts.words import Source
from dialplans.engine.received import received
from dialplans.model import Dialplan
from dialplans.telephony.call import CallContext

HEADER = "sip.h."
STATUS = "sip.callStatus"
TALKING = frozenset({"active", "automation"})
"""Values of the status after the 200 OK."""
GONE = "hangup"
"""Its value once the telephone has hung up, or cancelled, just before its leg leaves."""

Attributes = Mapping[str, str]


def of_our_leg(attributes: Attributes) -> bool:
    """Our leg asks the plan and writes the record itself."""
    return bool(attributes.get(LEG))


def call_of(plan: Dialplan | None, room: str, attributes: Attributes) -> CallContext:
    """A withheld or unreadable caller is anonymous; the trunk is the plan's own name for it."""
    call = received(
        plan,
        CallContext(
            called=attributes.get("sip.trunkPhoneNumber", ""),
            caller=attributes.get("sip.phoneNumber", ""),
            call_id=room,
            headers={
                name.removeprefix(HEADER): value
                for name, value in attributes.items()
                if name.startswith(HEADER)
            },
        ),
    )
    number = plan.numbers.get(call.called) if plan is not None else None
    named = None if of_our_leg(attributes) else _trunk_of(attributes)
    return replace(call, trunk=named or (number.trunk if number else None))


def _trunk_of(attributes: Attributes) -> str | None:
    """livekit-server lets a call through a trunk also if the host of its From is, letter by letter,
    one of the trunk's ranges of addresses (`MatchTrunk` in its protocol's sip/sip.go). No telephone
    is called so: whoever writes that comes from somewhere else."""
    return NO_TRUNK if "/" in attributes.get("sip.hostname", "") else attributes.get(TRUNK)


def caller_of(call: CallContext, attributes: Attributes) -> str:
    """As it may be written down. LiveKit's leg sets its status and the headers that a trunk hands
    on when it has joined: before that nobody knows whether the number is withheld, and it is
    empty."""
    return call.caller if STATUS in attributes else ""


def started(call: CallContext, attributes: Attributes, *, source: Source, at: datetime) -> Started:
    """The beginning of the call's record; whoever notices it, there is one, and one more where the
    caller was not known yet."""
    caller = caller_of(call, attributes)
    return Started(
        call=call.call_id,
        source=source,
        at=at,
        id=once(call.call_id, "started" if caller else "came"),
        called=call.called,
        caller=caller,
        forwarded_from=list(call.forwarded_from),
        forwarded_because=list(call.forwarded_because),
        dialled=list(call.dialled),
        trunk=call.trunk if call.trunk != NO_TRUNK else None,
        sip_call_id=attributes.get("sip.callIDFull"),
    )
