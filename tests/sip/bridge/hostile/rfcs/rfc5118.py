"""Messages of RFC 5118 by its sections: SIP with addresses of IPv6. Each with what it is about."""

from __future__ import annotations

from tests.sip.bridge.hostile.rfcs.rfc4475_legal import message

_VIA = "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111"
_FROM = "From: sip:user@example.com;tag=81x2"
_TO = "To: sip:user@example.com"
_CALL = "Call-ID: SSG9559905523997077@hlau_4100"


def _register(uri: str, via: str = _VIA) -> bytes:
    return message(
        f"REGISTER {uri} SIP/2.0",
        _TO,
        _FROM,
        via,
        _CALL,
        "Max-Forwards: 70",
        'Contact: "Caller" <sip:caller@[2001:db8::1]>',
        "CSeq: 98176 REGISTER",
    )


def _invite(via: str, *more: str, body: str) -> bytes:
    return message(
        "INVITE sip:user@[2001:db8::10] SIP/2.0",
        "To: sip:user@[2001:db8::10]",
        "From: sip:user@example.com;tag=81x2",
        via,
        *more,
        _CALL,
        'Contact: "Caller" <sip:caller@[2001:db8::20]>',
        "CSeq: 8612 INVITE",
        "Max-Forwards: 70",
        "Content-Type: application/sdp",
        body=body,
    )


def _sdp(*lines: str, origin: str = "IN IP6 2001:db8::20") -> str:
    return "\r\n".join(("v=0", f"o=assistant 971731711378798081 0 {origin}", "s=x", *lines, ""))


TWO_SIX = _sdp(
    "c=IN IP6 2001:db8::20",
    "t=3338481189 3370017201",
    "m=audio 6000 RTP/AVP 2",
    "a=rtpmap:2 G726-32/8000",
    "m=video 6024 RTP/AVP 107",
    "a=rtpmap:107 H263-1998/90000",
)
BOTH = _sdp(
    "t=0 0",
    "m=audio 22334 RTP/AVP 0",
    "c=IN IP4 192.0.2.1",
    "m=video 6024 RTP/AVP 107",
    "c=IN IP6 2001:db8::1",
    "a=rtpmap:107 H263-1998/90000",
)
MAPPED = _sdp(
    "c=IN IP6 ::ffff:192.0.2.10",
    "t=0 0",
    "m=audio 6000 RTP/AVP 0",
    "m=video 6024 RTP/AVP 107",
    "c=IN IP6 ::ffff:192.0.2.11",
    "a=rtpmap:107 H263-1998/90000",
    origin="IN IP6 ::ffff:192.0.2.10",
)

MESSAGES: dict[str, bytes] = {
    "4.1 a reference in brackets": _register("sip:[2001:db8::10]"),
    "4.2 a reference without brackets": _register("sip:2001:db8::10"),
    "4.3 what looks like a port and is none": _register("sip:[2001:db8::10:5070]"),
    "4.4 a port behind the brackets": _register("sip:[2001:db8::10]:5070"),
    "4.5 received in brackets": _register(
        "sip:[2001:db8::10]", f"{_VIA.partition(';')[0]};received=[2001:db8::9:255];branch=z9hG4bKb"
    ),
    "4.5 received without brackets": _register(
        "sip:[2001:db8::10]", f"{_VIA.partition(';')[0]};received=2001:db8::9:255;branch=z9hG4bKb"
    ),
    "4.6 addresses in the description": _invite(
        "Via: SIP/2.0/UDP [2001:db8::20]:5060;branch=z9hG4bK3d", body=TWO_SIX
    ),
    "4.7 addresses of both kinds in the headers": _invite(
        "Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111",
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144",
        "Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200",
        "Record-Route: <sip:[2001:db8::9:1]:6050;lr>, <sip:192.0.2.1;lr>",
        body=TWO_SIX,
    ),
    "4.8 addresses of both kinds in the description": _invite(
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw", body=BOTH
    ),
    "4.9 addresses of IPv4 within IPv6": _invite(
        "Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19", body=MAPPED
    ),
    "4.10 a colon too many": message(
        "OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0",
        "To: sip:user@[2001:db8:::192.0.2.1]",
        "From: sip:user@example.com;tag=810x2",
        "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3",
        "Call-ID: SSG95523997077@hlau_4100",
        "Max-Forwards: 70",
        'Contact: "Caller" <sip:caller@[2001:db8::1]>',
        "CSeq: 921 OPTIONS",
    ),
}
