"""What is known of a call before anybody has spoken to it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

ROOM_PREFIX = "call-"
"""Rooms whose name starts with this hold a telephone call; the room's name is the call's id."""

ANONYMOUS = "anonymous"
"""The caller of a call whose number is withheld, as the dialplan writes it."""

WEB_TRUNK = "web"
"""The trunk of calls that come from the click-to-call page instead of a carrier."""


@dataclass(frozen=True)
class CallContext:
    """The facts a routing decision may depend on.

    `called` and `caller` are E.164 with a leading +, or whatever the carrier sent where that
    cannot be read as a number; a withheld caller is `ANONYMOUS`. Header names are compared
    without regard to case (RFC 3261 §7.3.1). `dialplans.engine.received` makes one of what was
    sent.
    """

    called: str
    caller: str = ANONYMOUS
    call_id: str = ""
    trunk: str | None = None
    source_ip: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    forwarded_from: tuple[str, ...] = ()
    """Numbers that sent the call on to ours, the last one first."""
    forwarded_because: tuple[str, ...] = ()
    """Why each of them did, as `user-busy`; empty where nothing says so."""
    dialled: tuple[str, ...] = ()
    """What the caller asked for, where that was another number than the one called."""
    asserted: str = field(default="", repr=False)
    """Who a withheld caller is, as a trusted trunk says; for blocking and limits, never shown."""

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((v for k, v in self.headers.items() if k.lower() == wanted), None)


def new_call_id(called: str) -> str:
    """A room name for a call that does not come through a dispatch rule; never holds the caller."""
    digits = "".join(c for c in called if c.isalnum())
    return f"{ROOM_PREFIX}{digits}-{secrets.token_hex(6)}"
