"""Two offers under way at once are none (RFC 3261 §14, RFC 3311 §5.2)."""

from __future__ import annotations

import random

from sip.bridge.signalling.dialogs.again import LONGEST_WAIT
from sip.bridge.signalling.dialogs.info import media_type
from sip.bridge.signalling.message import Headers
from sip.bridge.signalling.server_transaction import ServerTransaction


def describes(content_type: str | None, body: bytes) -> bool:
    """Whether a body is, or has in it, a description of sound: an offer or an answer."""
    kind = media_type(content_type)
    known = kind in ("", "application/sdp") or kind.startswith("multipart/")
    return known and bool(body.strip())


def later() -> Headers:
    """When to try again what comes too early."""
    return [("Retry-After", str(random.randint(0, int(LONGEST_WAIT))))]


def crosses(offer: ServerTransaction, theirs: bool, ours: bool) -> bool:
    """Refuse an offer that comes while one of `theirs`, or of `ours`, is not answered yet. An
    UPDATE without a description is none."""
    request = offer.request
    if request.method != "INVITE" and not request.body:
        return False
    if theirs:
        offer.respond(500, headers=later())
    elif ours:
        offer.respond(491)
    return theirs or ours
