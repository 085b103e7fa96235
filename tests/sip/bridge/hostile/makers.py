"""Messages as telephones, exchanges and carriers write them: what mutants are made of.

After the habits of many makers (order and spelling of headers, parameters of their own, bodies).
`{port}` is the sender's UDP port, `{n}` another number each time, `{c}` the call, `{tag}` our tag.
"""

from __future__ import annotations

from tests.sip.bridge.hostile.rfcs.rfc4475_legal import message

CALLED = "+498920009999"
US = f"sip:{CALLED}@127.0.0.1"


def _sdp(*lines: str, address: str = "127.0.0.1", six: bool = False) -> str:
    kind = "IP6" if six else "IP4"
    head = (f"o=- 20518 0 IN {kind} {address}", "s=-", f"c=IN {kind} {address}", "t=0 0")
    return "\r\n".join(("v=0", *head, *lines, ""))


DESK = _sdp(
    "m=audio 11780 RTP/AVP 9 0 8 18 101",
    "a=rtpmap:9 G722/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:18 G729/8000",
    "a=fmtp:18 annexb=no",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-15",
    "a=ptime:20",
    "a=sendrecv",
)
EXCHANGE = _sdp(
    "m=audio 18414 RTP/AVP 8 101",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=silenceSupp:off - - - -",
    "a=rtcp:18415 IN IP4 127.0.0.1",
    "a=maxptime:150",
)
SECURE = _sdp(
    "m=audio 16392 RTP/SAVP 0 101",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4",
    "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj",
    "a=rtpmap:101 telephone-event/8000",
)
BROWSER = _sdp(
    "a=group:BUNDLE 0",
    "a=ice-lite",
    "a=msid-semantic: WMS *",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 126",
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=rtcp-mux",
    "a=ice-ufrag:F7gI",
    "a=candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host generation 0",
    "a=fingerprint:sha-256 19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04",
    "a=setup:actpass",
)
VIDEO = _sdp(
    "b=AS:384",
    "m=image 0 udptl t38",
    "m=audio 5004 RTP/AVP 3 8 0",
    "m=video 5006 RTP/AVP 96",
    "a=rtpmap:96 H264/90000",
    "m=audio 5008 RTP/SAVP 8",
)
SIX = _sdp("m=audio 6000 RTP/AVP 0", address="2001:db8::20", six=True)
HELD = _sdp("m=audio 4000 RTP/AVP 8", "a=sendonly", address="0.0.0.0")
NAMED = _sdp("m=audio 4000 RTP/AVP 0", address="media.carrier.example")

ISUP = (
    "--unique-boundary-1\r\nContent-Type: application/SDP; charset=ISO-10646\r\n\r\n"
    + EXCHANGE
    + "\r\n--unique-boundary-1\r\nContent-Type: application/ISUP;version=nxv3;base=etsi121\r\n"
    "Content-Disposition: signal;handling=optional\r\n\r\n\x01\x00I\x00\x00\x03\x02\x00\x07"
    "\r\n--unique-boundary-1--\r\n"
)


def _request(
    method: str, agent: str, *more: str, body: str = "", to_tag: str = "", uri: str = US
) -> bytes:
    number = "{c}" if method in ("ACK", "CANCEL") else "{n}"
    return message(
        f"{method} {uri} SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK" + number + ";rport",
        "From: <sip:+4917012345@127.0.0.1>;tag=f{c}",
        f"To: <{US}>" + (f";tag={to_tag}" if to_tag else ""),
        "Call-ID: {c}",
        f"CSeq: {number} {method}",
        "Max-Forwards: 70",
        f"User-Agent: {agent}",
        *more,
        body=body,
    )


_CONTACT = "Contact: <sip:user@127.0.0.1:{port}>"
_SDP = "Content-Type: application/sdp"

INVITES: dict[str, bytes] = {
    "desk telephone": _request(
        "INVITE",
        "Yealink SIP-T46S 66.85.0.5",
        "Contact: <sip:ann@127.0.0.1:{port};transport=udp>",
        "Supported: replaces",
        "Allow: INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER",
        "Allow-Events: talk,hold,conference,refer,check-sync",
        _SDP,
        body=DESK,
    ),
    "compact": message(
        f"INVITE {US};user=phone SIP/2.0",
        "v: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{n};rport",
        'f: "Bär, Änne \\"<x>\\"" <sip:+4917012345@127.0.0.1;user=phone>;tag=f{c}',
        f"t: <{US}>",
        "i: {c}",
        "CSeq: {n} INVITE",
        "m: <sip:user;phone-context=+49@127.0.0.1:{port};transport=udp>;+sip.instance="
        '"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";reg-id=1',
        "k: timer,100rel,gruu,path",
        "x: 1800;refresher=uac",
        "Min-SE: 90",
        "c: application/sdp",
        body=EXCHANGE,
    ),
    "carrier": _request(
        "INVITE",
        "Carrier SBC/7.2",
        "Via: SIP/2.0/UDP 10.1.2.3:5060;received=203.0.113.4;branch=z9hG4bK-524287-1---{n};i=8",
        "Record-Route: <sip:127.0.0.1:{port};lr;ftag=f{n};did=8e1.6f2>,<sip:10.0.0.7;lr>",
        _CONTACT,
        "P-Asserted-Identity: <sip:+4917012345@carrier.example;user=phone>, <tel:+4917012345>",
        "P-Charging-Vector: icid-value=1234bc9876e;icid-generated-at=192.0.6.8;orig-ioi=home1.net",
        "Diversion: <sip:+498912345@carrier.example>;reason=no-answer;counter=1;privacy=off",
        "History-Info: <sip:+498912345@c.example?Reason=SIP%3Bcause%3D486>;index=1,"
        "<sip:+498920009999@c.example>;index=1.1",
        "Privacy: none",
        "Session-Expires: 1800",
        "Supported: timer,histinfo,100rel",
        "Expires: 300",
        "P-Early-Media: supported",
        "Timestamp: 54.2",
        _SDP,
        body=EXCHANGE,
    ),
    "requires 100rel": _request(
        "INVITE",
        "Cisco-SIPGateway/IOS-16.9",
        _CONTACT,
        "Require: 100rel",
        "Cisco-Guid: 1234567890-0987654321-1122334455-0001",
        "Remote-Party-ID: <sip:4917012345@127.0.0.1>;party=calling;screen=no;privacy=off",
        _SDP,
        "Content-Disposition: session;handling=required",
        body=DESK,
    ),
    "with isup": _request(
        "INVITE",
        "SoftSwitch/3",
        _CONTACT,
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed;boundary=unique-boundary-1",
        body=ISUP,
    ),
    "secured": _request("INVITE", "snomD785/10.1", _CONTACT, _SDP, body=SECURE),
    "browser": _request("INVITE", "JsSIP 3.10", _CONTACT, _SDP, body=BROWSER),
    "video": _request("INVITE", "Linphone/5.2", _CONTACT, _SDP, body=VIDEO),
    "six": _request("INVITE", "Dual/1", "Contact: <sip:u@[2001:db8::20]:5060>", _SDP, body=SIX),
    "names": _request("INVITE", "NAT/1", _CONTACT, _SDP, body=NAMED),
    "no offer": _request(
        "INVITE", "Avaya CM/R018x", _CONTACT, "Require: timer", "Session-Expires: 90"
    ),
    "replaces": _request(
        "INVITE",
        "Polycom/6.4",
        _CONTACT,
        "Replaces: 12345600@x;to-tag=SCL_1;from-tag=7743;early-only",
        _SDP,
        body=DESK,
    ),
    "with a password": _request(
        "INVITE",
        "PBX/18",
        _CONTACT,
        f'Proxy-Authorization: Digest username="u", realm="LiveKit", nonce="6a.b.c", uri="{US}",'
        ' response="0123456789abcdef0123456789abcdef", algorithm=MD5, qop=auth, nc=00000001,'
        ' cnonce="0a4f113b", opaque=""',
        _SDP,
        body=DESK,
    ),
    "old": message(
        f"INVITE {US} SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:{port}",
        "From: sip:iuser@127.0.0.1",
        f"To: {US}",
        "Call-ID: {c}",
        "CSeq: 56 INVITE",
        "Contact: sip:iuser@127.0.0.1:{port};q=0.5",
        _SDP,
        body=EXCHANGE,
    ),
}

IN_A_CALL: dict[str, bytes] = {
    "ack": _request("ACK", "x", to_tag="{tag}"),
    "bye": _request(
        "BYE", "x", 'Reason: Q.850;cause=16;text="Normal call clearing"', to_tag="{tag}"
    ),
    "reinvite": _request("INVITE", "x", _CONTACT, _SDP, body=HELD, to_tag="{tag}"),
    "update": _request(
        "UPDATE", "x", _CONTACT, _SDP, "Session-Expires: 90", body=DESK, to_tag="{tag}"
    ),
    "prack": _request("PRACK", "x", "RAck: 776656 1 INVITE", to_tag="{tag}"),
    "key": _request(
        "INFO",
        "x",
        "Content-Type: application/dtmf-relay",
        body="Signal= 5\r\nDuration= 160\r\n",
        to_tag="{tag}",
    ),
    "bare key": _request("INFO", "x", "Content-Type: application/dtmf", body="10", to_tag="{tag}"),
    "package": _request("INFO", "x", "Info-Package: foo", to_tag="{tag}"),
    "refer": _request(
        "REFER",
        "x",
        _CONTACT,
        "Refer-To: <sip:bob@127.0.0.1?Replaces=090459243588173445%3Bto-tag%3D7m9&Require=replaces>",
        "Referred-By: <sip:ann@127.0.0.1>",
        to_tag="{tag}",
    ),
    "notify": _request(
        "NOTIFY",
        "x",
        "Event: refer;id=93809823",
        "Subscription-State: active;expires=60",
        "Content-Type: message/sipfrag;version=2.0",
        body="SIP/2.0 180 Ringing\r\n",
        to_tag="{tag}",
    ),
    "cancel": _request("CANCEL", "x"),
    "options": _request("OPTIONS", "x", "Accept: application/sdp", to_tag="{tag}"),
}

OUTSIDE: dict[str, bytes] = {
    "scanner": _request(
        "OPTIONS", "friendly-scanner", "Contact: sip:100@1.1.1.1:5060", uri="sip:100@127.0.0.1"
    ),
    "register": _request(
        "REGISTER",
        "FRITZ!OS",
        "Contact: <sip:ann@127.0.0.1:{port};uniq=F00>;q=1.0;expires=1800",
        "Expires: 1800",
        "Path: <sip:127.0.0.1:{port};lr;ob>",
        "Supported: path, outbound",
        'Authorization: Digest username="ann",realm="switchboard",nonce="6a.b.c",'
        'uri="sip:127.0.0.1",response="0123456789abcdef",algorithm=SHA-256,qop=auth,nc=1,cnonce="x"',
    ),
    "fetch": _request("REGISTER", "x", "Contact: *", "Expires: 0"),
    "subscribe": _request("SUBSCRIBE", "x", "Event: message-summary", "Expires: 3600", _CONTACT),
    "message": _request("MESSAGE", "x", "Content-Type: text/plain", body="hello"),
    "publish": _request("PUBLISH", "x", "Event: presence", "SIP-If-Match: dx200xyz"),
    "answer": message(
        "SIP/2.0 401 Unauthorized",
        "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK{n}",
        "From: <sip:a@x>;tag=f{c}",
        "To: <sip:b@x>;tag=1",
        "Call-ID: {c}",
        "CSeq: 1 INVITE",
        'WWW-Authenticate: Digest realm="x", nonce="1", algorithm=SHA-512-256, qop="auth,auth-int"',
        "Retry-After: 120 (in a meeting);duration=3600",
        'Warning: 399 x "no"',
    ),
    "ntlm": _request(
        "REGISTER",
        "UCCAPI/16",
        'Authorization: NTLM qop="auth", realm="SIP Communications Service", targetname="s.x",'
        ' gssapi-data="TlRMTVNTUAADAAAAGAAYAHIAAAAYABgAigAAAAoACgBIAAAA////", version=4',
    ),
}

ALL: dict[str, bytes] = {**INVITES, **IN_A_CALL, **OUTSIDE}


def addressed(
    raw: bytes, number: int, port: int, *, call: str | None = None, tag: str = ""
) -> bytes:
    """Sent as the `number`th message from this port: of a call of its own, or within `call`, where
    our tag is `tag`."""
    filled = raw.replace(b"{n}", b"%d" % number).replace(b"{port}", b"%d" % port)
    named = str(number) if call is None else call
    return filled.replace(b"{c}", named.encode()).replace(b"{tag}", tag.encode())
