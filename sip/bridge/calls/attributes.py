"""SIP headers as participant attributes and back, named as livekit-sip names them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import structlog
from livekit.protocol import sip as lk

log = structlog.get_logger()

CARRIER_HEADERS = {
    "x-twilio-accountsid": "sip.twilio.accountSid",
    "x-twilio-callsid": "sip.twilio.callSid",
    "x-call_leg_id": "sip.telnyx.callLegID",
    "x-call_session_id": "sip.telnyx.callSessionID",
}

OURS = frozenset(
    {
        *("via", "from", "to", "call-id", "cseq", "contact", "max-forwards", "route"),
        *("record-route", "content-type", "content-length", "content-encoding", "refer-to"),
        *("authorization", "proxy-authorization", "require", "session-expires", "min-se"),
        *"vftimclerx",
    }
)
"""Headers, and their short forms, that make a message what it is: nobody else writes them."""

_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

MAX_VALUE = 1024
"""A header longer than this is cut: attributes travel to every participant."""


def from_headers(
    headers: Mapping[str, str], mapping: Mapping[str, str], include: int
) -> dict[str, str]:
    """`headers` in lower case; `mapping` is the trunk's headers_to_attributes."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        wanted = include == lk.SIPHeaderOptions.SIP_ALL_HEADERS or (
            include == lk.SIPHeaderOptions.SIP_X_HEADERS and name.startswith("x-")
        )
        if wanted:
            found[f"sip.h.{name}"] = value[:MAX_VALUE]
    for name, attribute in (*CARRIER_HEADERS.items(), *mapping.items()):
        given = headers.get(name.lower())
        if given is not None:
            found[attribute] = given[:MAX_VALUE]
    return found


def to_headers(
    attributes: Mapping[str, str], mapping: Mapping[str, str], fixed: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The trunk's own headers and its attributes_to_headers. Line breaks and other control
    characters never get through, nor a header that the leg writes itself."""
    headers = dict(fixed)
    for attribute, header in mapping.items():
        if attribute in attributes:
            headers[header] = attributes[attribute]
    ours = [name for name in headers if name.lower() in OURS]
    if ours:
        log.warning("sip.header_is_the_legs_own", names=sorted(ours))
    return [
        (name, " ".join(_CONTROL.sub(" ", value).split()))
        for name, value in headers.items()
        if name not in ours and _TOKEN.fullmatch(name)
    ]
