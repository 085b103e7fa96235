"""How names of headers are spelt in what is sent."""

from __future__ import annotations

import re

from aiosipua.message import SipMessage

_AS_REGISTERED = {
    name.title().encode(): name.encode()
    for name in ("Min-SE", "P-Called-Party-ID", "RAck", "RSeq", "Remote-Party-ID")
}
_OTHERWISE = re.compile(rb"(?m)^(" + b"|".join(_AS_REGISTERED) + rb")(?=:)")


def wire(message: SipMessage) -> bytes:
    """The message with names of headers as IANA has them, because not everybody compares them
    without regard to case (RFC 3261 §7.3.1 would have it so)."""
    head, end, body = bytes(message).partition(b"\r\n\r\n")
    return _OTHERWISE.sub(lambda found: _AS_REGISTERED[found[1]], head) + end + body
