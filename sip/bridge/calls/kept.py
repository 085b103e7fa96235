"""What the next signalling process has to know of a call, should this one die.

It lies with the call's sound in the media worker, and is there exactly as long as that is. It is
not in Redis, which may be away for a moment, survives calls, and need not know the keys of a sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from sip.bridge.calls.terms import Terms
from sip.bridge.sdp.negotiation import NegotiationState
from sip.bridge.signalling.dialogs.kept import DialogState
from sip.bridge.signalling.session_refresh import SessionState


@dataclass(frozen=True)
class Origin:
    """Who calls whom by which trunk, as far as limits and logins need it."""

    called: str = ""
    caller: str = ""
    trunk: str = ""
    """Its id."""
    proved: bool = False
    """Whether the caller had to give a password."""
    line: str = ""
    """What the plan calls the way that the phone is reached by: `trunk pbx`, `telephone ann`."""
    shown: str = ""
    """The caller as others may know them: `anonymous` where the number is withheld."""
    came: Mapping[str, str] = field(default_factory=dict)
    """What the INVITE said of how it came here, without whom nobody is to know of."""


@dataclass(frozen=True)
class RenegotiationState:
    agreed: bool
    acknowledged: bool
    offered: bool
    may_be_silent: bool


class KeptCall(msgspec.Struct, frozen=True, kw_only=True, tag="call"):
    """A call that is up. Times are of the system's steady clock, `info` LiveKit's SIPCallInfo."""

    direction: str
    further_leg: str | None
    headers: Mapping[str, str]
    attributes_to_headers: Mapping[str, str]
    started: float
    answered: float
    origin: Origin
    terms: Terms
    rejoins: int
    info: bytes
    dialog: DialogState
    negotiation: NegotiationState
    renegotiation: RenegotiationState
    session: SessionState


@dataclass(frozen=True)
class Invite:
    """An INVITE, and where it came from or went to."""

    message: bytes
    transport: str
    peer: tuple[str, int]


class KeptRinging(msgspec.Struct, frozen=True, kw_only=True, tag="ringing"):
    """A call to us that is not answered yet; `tag` is ours in the answers to it."""

    invite: Invite
    tag: str
    origin: Origin


class KeptDialling(msgspec.Struct, frozen=True, kw_only=True, tag="dialling"):
    """A call of ours that nobody has answered yet, and all that it was sent as."""

    further_leg: str | None
    invites: list[Invite]


Kept = KeptCall | KeptRinging | KeptDialling

_decoder: msgspec.msgpack.Decoder[Kept] = msgspec.msgpack.Decoder(Kept)
encode = msgspec.msgpack.Encoder().encode


def decode(state: bytes) -> Kept | None:
    """None where nothing was kept yet. Raises msgspec.ValidationError for what is none."""
    return _decoder.decode(state) if state else None
