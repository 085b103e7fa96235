"""What the call steward and the jobs agree on: names in Redis, leases, epochs, and who is who.

Both sides import this and neither imports the other.
"""

from __future__ import annotations

import os

import msgspec

from dialplans.contracts.actor import ActorKind
from dialplans.contracts.words import Word

AGENT_NAME = "switchboard"
"""The name under which workers register; every dispatch asks for it."""

ROLE = "switchboard.role"
"""The participant attribute that says what a participant from the web is."""

CALLER = ActorKind.CALLER.value
AGENT = ActorKind.AGENT.value
SUPERVISOR = ActorKind.SUPERVISOR.value

CALLED = "switchboard.called"
"""The participant attribute with the dialled number, for callers who did not come by SIP."""

SEALED = "switchboard.sealed"
"""The participant attribute by which an agent says, with any value but an empty one, that it asks
for a secret now: the caller's leg then lets its sound go to agents alone."""

ECHOLESS = "switchboard.echoless"
"""The participant attribute by which a leg says, with any value but an empty one, that it takes the
line's echo out of what its phone says."""

LEG = "switchboard.leg"
"""The participant attribute by which our SIP leg says that it made the participant. Behind another
leg the worker asks the plan who may come in, and worker and gateway write the record."""

TRUNK = "switchboard.trunk"
"""The participant attribute with the dialplan's name of the trunk that brought the call."""

NO_TRUNK = "*"
"""Its value where no trunk has the number that was called, in this form or from this address."""

EARLY_SOUND = "switchboard.early_sound"
"""The participant attribute of a telephone that we dial about what it is heard to say before it
answers: `off`, asked for with the call, if nobody is to hear it; `on` says its leg once there is
something."""
ON = "on"
OFF = "off"

SIDE = "switchboard.side"
"""The participant attribute, with `ON`, of a person's telephone that our leg is to let hear the
call's side room as well: there a supervisor whispers to whoever has the call."""

ON_HOLD = "switchboard.on_hold"
"""The participant attribute, with `ON`, of a person's telephone whose caller is on hold: our leg
then lets neither hear the other."""

TELEPHONE_PLACES = "switchboard:telephones"
"""A hash of where the company's telephones are, one field a telephone, as our SIP leg writes it:
JSON, a list of places each of which is good `until` a time in seconds since 1970."""

KEPT_S = 6 * 3600
"""How long after its last change what is kept of a call stays in Redis; no call is longer."""


def lease_key(call: str) -> str:
    return f"switchboard:lease:{call}"


def snapshot_key(call: str) -> str:
    return f"switchboard:snapshot:{call}"


def epoch_key(call: str) -> str:
    return f"switchboard:epoch:{call}"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The line a job sends to the lease socket: who holds which call, and which job it is in a row.

    The socket stays open for the job's life. `bye` on it means that the call ended; a socket that
    closes without it means that the job died. The steward answers `stale` to a job that a newer
    one has replaced.
    """

    call: str
    epoch: int
    pid: int = msgspec.field(default_factory=os.getpid)
    worker: str = ""
    identity: str = ""


class Resume(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata of a dispatch. The first one of a call is empty."""

    resume: bool = False
    epoch: int = 0


def read_metadata(metadata: str) -> Resume:
    """The steward's word about this job; anything else in the metadata means a first job."""
    try:
        return msgspec.json.decode(metadata.encode(), type=Resume)
    except msgspec.MsgspecError:
        return Resume()


FORGET = "switchboard:forget"
"""The channel on which the gateway says before when, an ISO time, everything is to be forgotten."""

RETENTION = "switchboard:retention"
"""What was forgotten last, as JSON: `gateway.records.retention.Forgotten`."""

PRESENCE = "switchboard:presence"
"""A hash of the people who answer calls, one field a person: `Presence` as JSON. The gateway
writes it and removes the field when somebody signs out or is not heard of any more."""


class PresenceState(Word):
    READY = "ready"
    RINGING = "ringing"
    BUSY = "busy"
    WRAP_UP = "wrap_up"


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is a `PresenceState`; whoever is away is not in the hash. `call` is the one that
    rings there or is talked to. No languages means all of them."""

    who: str
    state: str = PresenceState.READY
    call: str = ""
    skills: list[str] = []
    languages: list[str] = []
