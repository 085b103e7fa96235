"""Answers that are no longer than what was asked.

By UDP anybody may write somebody else's address on a request. Whoever is on no trunk, and has not
proved a password, is answered with no more octets than came (`Flow.unproved`): whoever attacks a
third by way of us sends more than we do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiosipua.message import SipResponse

from sip.bridge.signalling.reading.spelling import wire
from sip.bridge.transport.flow import Flow

NEEDED = frozenset(
    (
        "via",
        "from",
        "to",
        "call-id",
        "cseq",
        "content-length",
        "www-authenticate",
        "proxy-authenticate",
        "unsupported",
        "min-expires",
        "min-se",
        "retry-after",
        "require",
        "rseq",
        "contact",
        "session-expires",
        "content-type",
    )
)
"""Without the others an answer means the same to a telephone."""

_CHALLENGES = ("www-authenticate", "proxy-authenticate")
_SAID_ANYWAY = ", algorithm=MD5"
"""What is meant where nothing is said (RFC 7616 §3.3)."""

_SHORT = {
    b"Via": b"v",
    b"From": b"f",
    b"To": b"t",
    b"Call-ID": b"i",
    b"Content-Length": b"l",
    b"Content-Type": b"c",
    b"Contact": b"m",
    b"Supported": b"k",
}
_NAME = re.compile(rb"(?<=\r\n)(%b): " % b"|".join(_SHORT))
_BLANK = b"\r\n\r\n"


def fitted(made: SipResponse, flow: Flow) -> bytes:
    """The answer in the fullest form that may be sent by `flow`; in its shortest where none may."""
    shortest = b""
    for raw in _forms(made):
        shortest = raw
        if flow.has_room(len(raw)):
            break
    return shortest


def _forms(made: SipResponse) -> Iterator[bytes]:
    """As it is; with short names; with what is needed; with the one challenge that everybody can
    answer, which is the last (RFC 8760 §2.3)."""
    yield wire(made)
    yield _shortened(made)
    words = made.reason_phrase.partition(" (")[0]
    bare = SipResponse(made.headers.copy(), made.body, made.status_code, words)
    for name in [name for name, _ in made.headers.items() if name.lower() not in NEEDED]:
        bare.headers.remove(name)
    yield _shortened(bare)
    for name in _CHALLENGES:
        asked = bare.headers.get(name)
        if asked:
            bare.headers.set_single(name, asked[-1].replace(_SAID_ANYWAY, ""))
    yield _shortened(bare)


def _shortened(made: SipResponse) -> bytes:
    """RFC 3261 §7.3.3."""
    head, blank, body = wire(made).partition(_BLANK)
    return _NAME.sub(lambda found: _SHORT[found[1]] + b": ", head) + blank + body
