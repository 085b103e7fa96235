"""A message of SIP as it stands in a call's record."""

from __future__ import annotations

from datetime import datetime

import msgspec


class SipMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of a call. `n` counts all of a dialogue from 1; `sent`: we sent it, else it came;
    `peer` is host:port of the other side; `repeats` how often the same bytes went again.
    Passwords, keys of encryption and keys that were pressed are `•` in `text`."""

    n: int
    at: datetime
    sent: bool = False
    transport: str = "UDP"
    peer: str = ""
    text: str = ""
    repeats: int = 0
