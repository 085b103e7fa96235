"""What a message costs does not grow with the square of its length, whichever of its parts is long.

One that did would take seconds here, and there are hundreds: the test's time-out says so.
"""

from __future__ import annotations

import itertools

import pytest

from tests.sip.bridge.hostile.answering import answering, pour, sender
from tests.sip.bridge.hostile.makers import ISUP, addressed
from tests.sip.bridge.hostile.rfcs.rfc4475_legal import message
from tests.sip.bridge.hostile.test_amplification import read_off

pytestmark = [pytest.mark.virtual_time(alone=True), pytest.mark.timeout(100)]

LONG = 15_000
BODY = 50_000
"""As much as a datagram takes."""

UNITS = (
    " ",
    "\t ",
    '"',
    '\\"',
    "\\",
    "<",
    "<>",
    "(",
    ":",
    "=",
    "%",
    "@",
    "/",
    "a",
    "a ",
    "[",
    "-",
    "?&",
)
HEADS = ("", "SIP/2.0/UDP a", "<sip:", "Digest a=")
HEADERS = (
    "Via", "From", "To", "Contact", "CSeq", "Call-ID", "Record-Route", "Proxy-Authorization",
    "Content-Type", "Content-Disposition", "Session-Expires", "P-Asserted-Identity", "Diversion",
    "History-Info", "Privacy", "Replaces", "Accept", "Require", "Timestamp", "X-Auth",
)  # fmt: skip


def invite(name: str, value: str, *, body: str = "", uri: str = "sip:+4989@x") -> bytes:
    headers = {
        "Via": "SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{n}",
        "From": "<sip:+4917012345@x>;tag=1",
        "To": "<sip:+4989@x>",
        "Call-ID": "{n}",
        "CSeq": "1 INVITE",
        "Contact": "<sip:a@127.0.0.1:{port}>",
        "Content-Type": "application/sdp",
    } | {name: value}
    lines = (f"{name}: {value}" for name, value in headers.items())
    return message(f"INVITE {uri} SIP/2.0", *lines, body=body)


def long_headers() -> list[bytes]:
    made = []
    for name, head, unit in itertools.product(HEADERS, HEADS, UNITS):
        value = head + unit * ((LONG - len(head)) // len(unit))
        made.append(invite(name, value + "\0x"))
    return made


def long_bodies() -> list[bytes]:
    made = []
    heads = ("", "v=0\r\nm=audio ", "v=0\r\na=crypto:1 A inline:", "v=0\r\nc=IN IP4 ", "a=rtpmap:")
    for head, unit in itertools.product(heads, (*UNITS, "\r", "\n", "\r\n ", "--", ";", ",", "|")):
        body = head + unit * ((BODY - len(head)) // len(unit)) + "x"
        made.append(invite("Content-Type", "application/sdp", body=body))
        made += [
            invite("Content-Type", kind, body=ISUP[:400] + body[: BODY - 400])
            for kind in ("multipart/mixed;boundary=-", "multipart/mixed;boundary=unique-boundary-1")
        ]
    return made


@pytest.mark.parametrize("make", [long_headers, long_bodies])
async def test_no_part_of_a_message_costs_more_than_its_length(make: object) -> None:
    every = make()  # type: ignore[operator]
    async with answering() as leg:
        with sender() as through:
            port = through.getsockname()[1]
            numbered = (addressed(raw, number, port) for number, raw in enumerate(every))
            await pour(leg, numbered, through, lambda: list(read_off(through)))
        read = leg.endpoint.counters.received

    assert read == len(every)
    assert leg.problems == []
