"""Torture messages by the sections of RFC 4475: the legal ones, which only look odd.

`{port}` stands for the sender's UDP port, `{sdp}` for a body that makes sense. Long runs are
written as code, everything else as it would be on the wire.
"""

from __future__ import annotations

SDP = (
    "v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n"
    "m=audio 49217 RTP/AVP 0 12\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n"
)


SIGNATURE = (
    "0\udc82\x01R\x06\t*\udc86H\udc86\udcf7\r\x01\x07\x02\udca0\0\r\n\r\n--7a\n\udcff\udcfe\0"
)
"""Octets of all kinds, as those of S/MIME are: a surrogate stands for one above 127."""


def message(*lines: str, body: str = "", length: str | None = None) -> bytes:
    """Lines with CRLF, a Content-Length unless one is given or refused with an empty text."""
    wanted = str(len(body.encode("utf-8", "surrogateescape"))) if length is None else length
    tail = [f"Content-Length: {wanted}"] if wanted else []
    return ("\r\n".join([*lines, *tail, "", ""]) + body).encode("utf-8", "surrogateescape")


VIA = "Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK"
PLAIN = (
    "To: sip:user@example.com",
    "From: sip:caller@example.net;tag=193402342",
    "Max-Forwards: 254",
    "Contact: <sip:caller@host1.example.net>",
    "Content-Type: application/sdp",
)

LEGAL: dict[str, bytes] = {
    "3.1.1.1 a short tortuous INVITE": message(
        "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0",
        "TO :",
        " sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n",
        'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>',
        "  ;",
        "  tag = 98asjd8",
        "MaX-fOrWaRdS: 0068",
        "Call-ID: wsinv.ndaksdj@192.0.2.1",
        "cseq: 0009",
        "  INVITE",
        "Via  : SIP  /   2.0",
        " /UDP",
        "    127.0.0.1:{port};branch=390skdjuw",
        "s :",
        "NewFangledHeader:   newfangled value",
        " continued newfangled value",
        "UnknownHeaderWithUnusualValue: ;;,,;;,;",
        "Content-Type: application/sdp",
        "Route:",
        " <sip:services.example.com;lr;unknownwith=value;unknown-no-value>",
        "v:  SIP  / 2.0  / TCP     spindle.example.com   ;",
        "  branch  =   z9hG4bK9ikj8  ,",
        " SIP  /    2.0   / UDP  192.168.255.111   ; branch=",
        " z9hG4bK30239",
        'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =',
        "      newvalue ;",
        "  secondparam ; q = 0.33",
        body=SDP,
    ),
    "3.1.1.2 a wide range of valid characters": message(
        "!interesting-Method0123456789_*+`.%indeed'~"
        " sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d"
        "_too.(doesn't-it)@example.com SIP/2.0",
        VIA + "-.!%66*_+`'~",
        'To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f"'
        " <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>",
        "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>"
        ";fromParam''~+*_!.-%=\"\u0440\u0430\u0431\u043e\u0442\u0430\";tag=_token~1'+`*%!-.",
        "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
        "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~",
        "Max-Forwards: 255",
        "extensionHeader-!.%*+_`'~:\ufeff\u5927\u505c\u96fb",
    ),
    "3.1.1.3 valid use of the % escaping mechanism": message(
        "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0",
        "To: sip:%75se%72@example.com",
        "From: <sip:I%20have%20spaces@example.net>;tag=938",
        "Max-Forwards: 87",
        "i: esc01.239409asdfakjkn23onasd0-3234",
        "CSeq: 234234 INVITE",
        VIA + "kdjuw",
        "C: application/sdp",
        "Contact:",
        "  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>",
        body=SDP,
    ),
    "3.1.1.4 escaped nulls in URIs": message(
        "REGISTER sip:example.com SIP/2.0",
        "To: sip:null-%00-null@example.com",
        "From: sip:null-%00-null@example.com;tag=839923423",
        "Max-Forwards: 70",
        "Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd",
        "CSeq: 14398234 REGISTER",
        VIA + "kdjuw2",
        "Contact: <sip:%00@host5.example.com>",
        "Contact: <sip:%00%00@host5.example.com>",
    ),
    "3.1.1.5 use of % when it is not an escape": message(
        "RE%47IST%45R sip:registrar.example.com SIP/2.0",
        'To: "%Z%45" <sip:resource@example.com>',
        'From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23',
        "Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf",
        VIA + "209%fzsnel234",
        "CSeq: 29344 RE%47IST%45R",
        "Max-Forwards: 70",
        "Contact: <sip:alias1@host1.example.com>",
    ),
    "3.1.1.6 no LWS between display name and <": message(
        "OPTIONS sip:user@example.com SIP/2.0",
        "To: sip:user@example.com",
        "From: caller<sip:caller@example.com>;tag=323",
        "Max-Forwards: 70",
        "Call-ID: lwsdisp.1234abcd@funky.example.com",
        "CSeq: 60 OPTIONS",
        VIA + "kdjuw3",
    ),
    "3.1.1.7 long values in header fields": message(
        "INVITE sip:user@example.com SIP/2.0",
        'To: "I have a user name of ' + "extreme" * 10 + ' proportion"'
        "<sip:user@example.com:6000;unknownparam1=very" + "long" * 20 + "value>",
        "F: sip:" + "amazinglylongcallername" * 5 + "@example.net;tag=12" + "982" * 50 + "424",
        "Call-ID: longreq.one" + "really" * 20 + "longcallid",
        "CSeq: 3882340 INVITE",
        "Unknown-" + "Long" * 20 + "-Name: unknown-" + "long" * 20 + "-value",
        VIA + "longvalue",
        *(f"V: SIP/2.0/TCP sip{n}.example.com" for n in range(33, 0, -1)),
        "Max-Forwards: 70",
        "Contact: <sip:" + "amazinglylongcallername" * 5 + "@host5.example.net>",
        "Content-Type: application/sdp",
        body=SDP,
    ),
    "3.1.1.8 extra trailing octets": message(
        "REGISTER sip:example.com SIP/2.0",
        "To: sip:j.user@example.com",
        "From: sip:j.user@example.com;tag=43251j3j324",
        "Max-Forwards: 8",
        "I: dblreq.0ha0isndaksdj99sdfafnl3lk233412",
        "Contact: sip:j.user@host.example.com",
        "CSeq: 8 REGISTER",
        VIA + "kdjuw23492",
    )
    + b"INVITE sip:joe@example.com SIP/2.0\r\nt: sip:joe@example.com\r\n\r\n",
    "3.1.1.9 semicolon-separated parameters in the user part": message(
        "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0",
        "To: sip:j_user@example.com",
        "From: sip:caller@example.org;tag=33242",
        "Max-Forwards: 3",
        "Call-ID: semiuri.0ha0isndaksdj",
        "CSeq: 8 OPTIONS",
        VIA + "kdjuw4",
    ),
    "3.1.1.10 varied and unknown transport types": message(
        "OPTIONS sip:user@example.com SIP/2.0",
        "To: sip:user@example.com",
        "From: <sip:caller@example.com>;tag=323",
        "Max-Forwards: 70",
        "Call-ID: transports.kijh4akdnaqjkwendsasfdj",
        "CSeq: 60 OPTIONS",
        VIA + "kdjuw5",
        "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf",
        "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en",
    ),
    "3.1.1.11 multipart MIME message": message(
        "MESSAGE sip:kumiko@example.org SIP/2.0",
        VIA + "3d13d28",
        "Max-Forwards: 70",
        'Route: "<sip:127.0.0.1:5080>"',
        "From: <sip:fluffy@example.com>;tag=2fb0dcc9",
        "To: <sip:kumiko@example.org>",
        "Call-ID: 3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..",
        "CSeq: 1 MESSAGE",
        "Content-Type: multipart/mixed;boundary=7a9cbec02ceef655",
        body="--7a9cbec02ceef655\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary"
        "\r\n\r\nHello\r\n--7a9cbec02ceef655\r\nContent-Type: application/octet-stream\r\n\r\n"
        + SIGNATURE
        + "\r\n--7a9cbec02ceef655--\r\n",
    ),
    "3.1.1.12 unusual reason phrase": message(
        "SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e",
        "Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923",
        "Call-ID: unreason.1234ksdfak3j2erwedfsASdf",
        "CSeq: 35 INVITE",
        "From: sip:user@example.com;tag=11141343",
        "To: sip:user@example.edu;tag=2229",
        "Content-Type: application/sdp",
        "Contact: <sip:user@host198.example.com>",
        body=SDP,
    ),
    "3.1.1.13 empty reason phrase": message(
        "SIP/2.0 100 ",
        "Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe",
        "Call-ID: noreason.asndj203insdf99223ndf",
        "CSeq: 35 INVITE",
        "From: <sip:user@example.com>;tag=39ansfi3",
        "To: <sip:user@example.edu>;tag=902jndnke3",
        "Contact: <sip:user@host105.example.com>",
    ),
}
