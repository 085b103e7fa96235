"""Torture messages by the sections of RFC 4475: well-formed, but wrong for their layer or old."""

from __future__ import annotations

from tests.sip.bridge.hostile.rfcs.rfc4475_legal import PLAIN, SDP, VIA, message


def _register(name: str, contact: str) -> bytes:
    return message(
        "REGISTER sip:example.com SIP/2.0",
        VIA + name,
        "Max-Forwards: 70",
        "From: sip:watson@example.com;tag=DkfVgjkrtMwaerKKpe",
        "To: sip:watson@example.com",
        f"Call-ID: {name}.70710@saturn.example.com",
        "CSeq: 2 REGISTER",
        contact,
    )


SEMANTICS: dict[str, bytes] = {
    "3.2.1 missing transaction identifier": message(
        "OPTIONS sip:user@example.com SIP/2.0",
        "To: sip:user@example.com",
        "From: sip:caller@example.org;tag=33242",
        "Max-Forwards: 3",
        "Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK",
        "Call-ID: badbranch.sadonfo23i420jv0as0derf3j3n",
        "CSeq: 8 OPTIONS",
    ),
    "3.3.1 missing required header fields": message(
        "INVITE sip:user@example.com SIP/2.0", "CSeq: 193942 INVITE", VIA + "insuf"
    ),
    "3.3.2 Request-URI with an unknown scheme": message(
        "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0",
        "To: sip:user@example.com",
        "From: sip:caller@example.net;tag=384",
        "Max-Forwards: 3",
        "Call-ID: unkscm.nasdfasser0q239nwsdfasdkl34",
        "CSeq: 3923423 OPTIONS",
        VIA + "unkscm",
    ),
    "3.3.3 Request-URI with a known but atypical scheme": message(
        "INVITE soap.beep://192.0.2.103:3002 SIP/2.0",
        VIA + "novelsc",
        *PLAIN,
        "Call-ID: novelsc.asdfasser0q239nwsdfasdkl34",
        "CSeq: 3923423 INVITE",
        body=SDP,
    ),
    "3.3.4 unknown URI schemes in header fields": message(
        "REGISTER sip:example.com SIP/2.0",
        "To: isbn:2983792873",
        "From: <http://www.example.com>;tag=3234233",
        "Call-ID: unksm2.daksdj@hyphenated-host.example.com",
        "CSeq: 234902 REGISTER",
        "Max-Forwards: 70",
        VIA + "unksm2",
        "Contact: <name:John_Smith>",
    ),
    "3.3.5 Proxy-Require and Require": message(
        "OPTIONS sip:user@example.com SIP/2.0",
        "To: sip:j_user@example.com",
        "From: sip:caller@example.net;tag=242etr",
        "Max-Forwards: 6",
        "Call-ID: bext01.0ha0isndaksdj",
        "Require: nothingSupportsThis, nothingSupportsThisEither",
        "Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis",
        "CSeq: 8 OPTIONS",
        VIA + "bext01",
    ),
    "3.3.6 unknown Content-Type": message(
        "INVITE sip:user@example.com SIP/2.0",
        VIA + "invut",
        *PLAIN[:4],
        "Call-ID: invut.0ha0isndaksdjadsfij34n23d",
        "CSeq: 235448 INVITE",
        "Content-Type: application/unknownformat",
        body='<audio>\r\n <pcmu port="443"/>\r\n</audio>\r\n',
    ),
    "3.3.7 unknown authorization scheme": message(
        "REGISTER sip:example.com SIP/2.0",
        VIA + "regaut01",
        "To: sip:j.user@example.com",
        "From: sip:j.user@example.com;tag=87321hj23128",
        "Max-Forwards: 8",
        "Call-ID: regaut01.0ha0isndaksdj",
        "CSeq: 9338 REGISTER",
        "Authorization: NoOneKnowsThisScheme opaque-data=here",
    ),
    "3.3.8 multiple values in single-value required fields": message(
        "INVITE sip:user@company.com SIP/2.0",
        "Contact: <sip:caller@host25.example.net>",
        VIA + "multi01",
        "Max-Forwards: 70",
        "CSeq: 5 INVITE",
        "Call-ID: multi01.98asdh@192.0.2.1",
        "CSeq: 59 INVITE",
        "Call-ID: multi01.98asdh@192.0.2.2",
        "From: sip:caller@example.com;tag=3413415",
        "To: sip:user@example.com",
        "To: sip:other@example.net",
        "From: sip:caller@example.net;tag=2923420123",
        "Content-Type: application/sdp",
        body=SDP,
    ),
    "3.3.9 multiple Content-Length values": message(
        "OPTIONS sip:user@example.com SIP/2.0",
        VIA + "mcl01",
        "To: sip:user@example.com",
        "From: sip:other@example.net;tag=3923942",
        "Call-ID: mcl01.fhn2323orihawfdoa3o4r52o3irsdf",
        "CSeq: 15932 OPTIONS",
        "Content-Length: 13",
        "Max-Forwards: 60",
        body="There's no way to know how many octets are supposed to be here.\r\n",
        length="5",
    ),
    "3.3.10 200 OK response with broadcast Via": message(
        "SIP/2.0 200 OK",
        "Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923",
        "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23",
        "Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf",
        "CSeq: 35 INVITE",
        "From: sip:user@example.com;tag=11141343",
        "To: sip:user@example.edu;tag=2229",
        "Content-Type: application/sdp",
        body=SDP,
    ),
    "3.3.11 Max-Forwards of zero": message(
        "INVITE sip:user@example.com SIP/2.0",
        VIA + "zeromf",
        "To: sip:user@example.com",
        "From: sip:caller@example.net;tag=3ghsd41",
        "Call-ID: zeromf.jfasdlfnm2o2l43r5u0asdfas",
        "CSeq: 39234321 INVITE",
        "Max-Forwards: 0",
    ),
    "3.3.12 REGISTER with a Contact header parameter": _register(
        "cparam01", "Contact: sip:+19725552222@gw1.example.net;unknownparam"
    ),
    "3.3.13 REGISTER with a url-parameter": _register(
        "cparam02", "Contact: <sip:+19725552222@gw1.example.net;unknownparam>"
    ),
    "3.3.14 REGISTER with an escaped header in its URI": _register(
        "regescrt", "Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>"
    ),
    "3.3.15 unacceptable Accept offering": message(
        "INVITE sip:user@example.com SIP/2.0",
        VIA + "sdp01",
        *PLAIN[:4],
        "Call-ID: sdp01.ndaksdj9342dasdd",
        "Accept: text/nobodyKnowsThis",
        "CSeq: 8 INVITE",
        "Content-Type: application/sdp",
        body=SDP,
    ),
    "3.4.1 INVITE with RFC 2543 syntax": message(
        "INVITE sip:UserB@example.com SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:{port}",
        "From: <sip:iuser@example.com>",
        "To: <sip:user@example.com>",
        "Call-ID: inv2543.1717@ift.client.example.com",
        "CSeq: 56 INVITE",
        "Content-Type: application/sdp",
        body=SDP,
    ),
}
