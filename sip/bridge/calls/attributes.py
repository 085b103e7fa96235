"""SIP headers as participant attributes and back, named as livekit-sip names them."""

from __future__ import annotations

from collections.abc import Mapping

from livekit.protocol import sip as lk

CARRIER_HEADERS = {
    "x-twilio-accountsid": "sip.twilio.accountSid",
    "x-twilio-callsid": "sip.twilio.callSid",
    "x-call_leg_id": "sip.telnyx.callLegID",
    "x-call_session_id": "sip.telnyx.callSessionID",
}

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
    """The trunk's own headers and its attributes_to_headers; line breaks never get through."""
    headers = dict(fixed)
    for attribute, header in mapping.items():
        if attribute in attributes:
            headers[header] = attributes[attribute]
    return [
        (name, " ".join(value.split()))
        for name, value in headers.items()
        if name and not set(name) & set(":\r\n ")
    ]
