"""Every message of RFC 4475 and RFC 5118: the answer that the standard wants, by a real socket.

`heard` is what comes back: codes in order, and nothing for an answer to nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket

import pytest
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling.message import check
from sip.bridge.signalling.reading.parse import parse
from tests.sip.bridge.hostile.answering import Answering, answering, sender
from tests.sip.bridge.hostile.rfcs.rfc4475_broken import BROKEN, all_messages
from tests.sip.bridge.hostile.rfcs.rfc4475_legal import LEGAL, SIGNATURE
from tests.sip.bridge.hostile.rfcs.rfc5118 import MESSAGES
from tests.sip.bridge.registrar.desk import desk

pytestmark = pytest.mark.virtual_time(alone=True)

EXPECTED: dict[str, tuple[int, ...]] = {
    "3.1.1.1 a short tortuous INVITE": (481,),  # it has a To tag of no call
    "3.1.1.2 a wide range of valid characters": (405,),
    "3.1.1.3 valid use of the % escaping mechanism": (100, 200),
    "3.1.1.4 escaped nulls in URIs": (401,),
    "3.1.1.5 use of % when it is not an escape": (405,),  # RE%47IST%45R is not REGISTER
    "3.1.1.6 no LWS between display name and <": (200,),
    "3.1.1.7 long values in header fields": (100, 200),
    "3.1.1.8 extra trailing octets": (401,),  # and nothing for what stands behind it
    "3.1.1.9 semicolon-separated parameters in the user part": (200,),
    "3.1.1.10 varied and unknown transport types": (200,),
    "3.1.1.11 multipart MIME message": (405,),
    "3.1.1.12 unusual reason phrase": (),
    "3.1.1.13 empty reason phrase": (),
    "3.1.2.1 extraneous header field separators": (400,),
    "3.1.2.2 Content-Length larger than the message": (400,),
    "3.1.2.3 negative Content-Length": (400,),
    "3.1.2.4 request scalar fields with overlarge values": (400,),
    "3.1.2.5 response scalar fields with overlarge values": (),
    "3.1.2.6 unterminated quoted string": (400,),
    "3.1.2.7 <> enclosing the Request-URI": (400,),
    "3.1.2.8 malformed Request-URI with embedded LWS": (400,),
    "3.1.2.9 multiple SP between the elements of the request line": (100, 200),
    "3.1.2.10 SP at the end of the request line": (200,),
    "3.1.2.11 escaped headers in the Request-URI": (100, 200),
    "3.1.2.12 invalid time zone in the Date header": (100, 200),
    "3.1.2.13 unquoted name-addr-like URI in a Contact": (401,),
    "3.1.2.14 spaces within addr-spec": (200,),
    "3.1.2.15 non-token characters in a display name": (200,),
    "3.1.2.16 unknown protocol version": (505,),
    "3.1.2.17 start line and CSeq method mismatch": (400,),
    "3.1.2.18 unknown method with a CSeq method mismatch": (400,),
    "3.1.2.19 overlarge response code": (),
    "3.2.1 missing transaction identifier": (200,),
    "3.3.1 missing required header fields": (400,),
    "3.3.2 Request-URI with an unknown scheme": (416,),
    "3.3.3 Request-URI with a known but atypical scheme": (416,),
    "3.3.4 unknown URI schemes in header fields": (401,),
    "3.3.5 Proxy-Require and Require": (420,),
    "3.3.6 unknown Content-Type": (100, 415),
    "3.3.7 unknown authorization scheme": (401,),
    "3.3.8 multiple values in single-value required fields": (400,),
    "3.3.9 multiple Content-Length values": (400,),
    "3.3.10 200 OK response with broadcast Via": (),
    "3.3.11 Max-Forwards of zero": (400,),  # for its missing Contact: it has arrived
    "3.3.12 REGISTER with a Contact header parameter": (401,),
    "3.3.13 REGISTER with a url-parameter": (401,),
    "3.3.14 REGISTER with an escaped header in its URI": (401,),
    "3.3.15 unacceptable Accept offering": (406,),
    "3.4.1 INVITE with RFC 2543 syntax": (400,),  # as any call without a Contact
}

SIX: dict[str, tuple[int, ...]] = {
    "4.1 a reference in brackets": (401,),
    "4.2 a reference without brackets": (400,),
    "4.3 what looks like a port and is none": (401,),
    "4.4 a port behind the brackets": (401,),
    "4.5 received in brackets": (401,),
    "4.5 received without brackets": (401,),
    "4.6 addresses in the description": (100, 488),  # it listens at IPv4
    "4.7 addresses of both kinds in the headers": (100, 488),
    "4.8 addresses of both kinds in the description": (100, 200),
    "4.9 addresses of IPv4 within IPv6": (100, 200),
    "4.10 a colon too many": (200,),
}


def answers(listening: socket.socket) -> list[SipResponse]:
    found: list[SipResponse] = []
    with contextlib.suppress(BlockingIOError):
        while True:
            response = parse(listening.recv(65535))
            assert isinstance(response, SipResponse)
            found.append(response)
    return found


async def answered(leg: Answering, raw: bytes, listening: socket.socket) -> list[SipResponse]:
    listening.sendto(raw, leg.address)
    await asyncio.sleep(0.2)
    return answers(listening)


def codes(responses: list[SipResponse]) -> tuple[int, ...]:
    return tuple(response.status_code for response in responses)


def test_no_message_of_the_standards_is_left_out() -> None:
    assert EXPECTED.keys() == (LEGAL | BROKEN).keys()
    assert SIX.keys() == MESSAGES.keys()


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_message_of_rfc_4475_gets_its_answer(name: str) -> None:
    async with answering() as leg:
        with sender() as listening:
            raw = all_messages(listening.getsockname()[1])[name]
            found = await answered(leg, raw, listening)

    assert codes(found) == EXPECTED[name]
    assert leg.problems == []


@pytest.mark.parametrize("name", SIX)
async def test_a_message_of_rfc_5118_gets_its_answer(name: str) -> None:
    """From where it comes: nobody here is reached by the addresses in its Via."""
    raw = re.sub(rb"(\nVia: [^;\r]*)", rb"\1;rport", MESSAGES[name], count=1)
    async with answering() as leg:
        with sender() as listening:
            found = await answered(leg, raw, listening)

    assert codes(found) == SIX[name]
    assert leg.problems == []


async def test_what_an_answer_has_to_name_is_named() -> None:
    async with answering() as leg:
        with sender() as listening:
            every = all_messages(listening.getsockname()[1])
            unknown = await answered(leg, every["3.3.5 Proxy-Require and Require"], listening)
            body = await answered(leg, every["3.3.6 unknown Content-Type"], listening)
            method = await answered(
                leg, every["3.1.1.5 use of % when it is not an escape"], listening
            )
            login = await answered(leg, every["3.3.7 unknown authorization scheme"], listening)
            offer = await answered(leg, every["3.3.15 unacceptable Accept offering"], listening)

    assert unknown[0].headers.get("unsupported") == [
        "nothingsupportsthis",
        "nothingsupportsthiseither",
    ]
    assert "application/sdp" in body[-1].headers.get("accept")
    assert "INVITE" in method[0].headers.get("allow")
    assert len(login[0].headers.get("www-authenticate")) == 2
    assert offer[0].headers.get("accept")[0] == "application/sdp"


async def test_every_via_goes_back_as_it_came() -> None:
    """However it was written: only where the top one came from is added (RFC 3261 §18.2.1)."""
    name = "3.1.1.10 varied and unknown transport types"
    async with answering() as leg:
        with sender() as listening:
            raw = all_messages(listening.getsockname()[1])[name]
            (response,) = await answered(leg, raw, listening)

    sent = parse(raw).headers.get("via")
    assert response.headers.get("via") == [f"{sent[0]};received=127.0.0.1", *sent[1:]]


def test_a_binary_body_stays_what_it_is() -> None:
    """Zeros, line ends and octets that are no UTF-8 are a body's own business."""
    raw = parse(LEGAL["3.1.1.11 multipart MIME message"])

    assert SIGNATURE.encode("utf-8", "surrogateescape") in raw.body


def test_what_stands_in_the_short_tortuous_invite_is_understood() -> None:
    raw = parse(LEGAL["3.1.1.1 a short tortuous INVITE"].replace(b"{port}", b"5070"))
    assert isinstance(raw, SipRequest)
    request = check(raw, ("192.0.2.1", 5070))

    assert request.frm.display_name == 'J Rosenberg \\"'
    assert (request.to.tag, request.frm.tag) == ("1918181833n", "98asjd8")
    assert (request.cseq, request.header("max-forwards")) == (9, "0068")
    assert len(request.headers("via")) == 3
    assert request.header("newfangledheader") == "newfangled value continued newfangled value"


@pytest.mark.parametrize(
    ("contact", "code"),
    [
        ("sip:user@example.com?Route=%3Csip:sip.example.com%3E", 400),
        ("<sip:user@example.com?Route=%3Csip:sip.example.com%3E>", 200),
        ("sip:+19725552222@gw1.example.net;unknownparam", 200),
        ("<sip:+19725552222@gw1.example.net;unknownparam>", 200),
        ("<sip:null-%00-null@host5.example.com>", 200),
        ("name:John_Smith", 400),
    ],
)
async def test_who_has_the_password_may_register_what_the_standard_lets_in(
    contact: str, code: int
) -> None:
    """RFC 4475 §3.1.1.4, §3.1.2.13, §3.3.4, §3.3.12 to §3.3.14."""
    async with answering() as leg, desk(leg.address) as ann:
        response = await ann.register(contact)

    assert response.status_code == code
    assert leg.problems == []
