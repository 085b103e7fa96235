"""What separates in a header and what does not: quotes, brackets, backslashes, blanks."""

from __future__ import annotations

import pytest

from sip.bridge.signalling.dialogs.ends import Ends
from sip.bridge.signalling.message import check
from sip.bridge.signalling.reading.parse import parse
from sip.bridge.signalling.reading.values import (
    read_address,
    read_credentials,
    read_uri,
    read_via,
    separated,
    stamped,
    write_uri,
)


@pytest.mark.parametrize(
    ("text", "name", "host", "tag"),
    [
        ('"Ann <home>" <sip:ann@x>;tag=1', "Ann <home>", "x", "1"),
        ('"a > b" <sip:ann@x>;tag=1', "a > b", "x", "1"),
        ('"5 < 6, \\" or; not" <sip:ann@x;lr>;a="b;tag=2";tag=1', '5 < 6, " or; not', "x", "1"),
        ('"back\\\\" <sip:ann@x>;tag=1', "back\\", "x", "1"),
        ("Ann Smith<sip:ann@x>; TAG = 1", "Ann Smith", "x", "1"),
        ("<sip:ann@x>;x=<y>;tag=1", None, "x", "1"),
        ("sip:ann@x;tag=1", None, "x", "1"),
        ("<sip:ann@[2001:db8::1]:5070>;tag=1;tag=2", None, "[2001:db8::1]", "1"),
    ],
)
def test_a_name_may_hold_what_separates_elsewhere(
    text: str, name: str | None, host: str, tag: str
) -> None:
    found = read_address(text)

    assert (found.display_name, found.uri.host, found.tag) == (name, host, tag)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("<sip:a@x,y>, b", ["<sip:a@x,y>", "b"]),
        ('"a, \\", b" <sip:a@x>,c', ['"a, \\", b" <sip:a@x>', "c"]),
        ('"<", <sip:a>', ['"<"', "<sip:a>"]),
        ("a\\,b", ["a\\", "b"]),
        ('"never ends, a', ['"never ends, a']),
        (",,", ["", "", ""]),
    ],
)
def test_commas_in_quotes_and_brackets_are_between_no_values(text: str, parts: list[str]) -> None:
    assert separated(text, ",") == parts


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        (
            "sip:user;par=u%40example.net@example.com",
            "user;par=u%40example.net",
            "example.com",
            None,
        ),
        (
            "sip:crazy?,/;;*:&it+has=1@example.com:5070",
            "crazy?,/;;*:&it+has=1",
            "example.com",
            5070,
        ),
        ("sip:ann@x?Route=%3Csip:y@z%3E", "ann", "x", None),
        ("sip:x?to=ann@y", "x?to=ann", "y", None),
        ("SIPS:[2001:db8::1]:5061;lr", None, "[2001:db8::1]", 5061),
        ("sip:ann@x:99999", "ann", "x:99999", None),
        ("sip:ann@x:+5060", "ann", "x:+5060", None),
        ("sip:ann@2001:db8::1", "ann", "2001:db8::1", None),
        ("tel:+4989;phone-context=x", None, "+4989;phone-context=x", None),
    ],
)
def test_a_user_part_may_hold_semicolons(
    text: str, user: str | None, host: str, port: int | None
) -> None:
    uri = read_uri(text)

    assert (uri.user, uri.host, uri.port) == (user, host, port)
    assert write_uri(uri).lower() == text.lower()


@pytest.mark.parametrize(
    ("text", "transport", "host", "port"),
    [
        ("SIP / 2.0 / UDP first.example.com: 4000;ttl=16", "UDP", "first.example.com", 4000),
        ("SIP/2.0/tls [2001:db8::1] : 5061 ; branch = a", "TLS", "[2001:db8::1]", 5061),
        ('SIP/2.0/UDP x;a="b;c, d";branch=a', "UDP", "x", None),
        ("SIP/2.0/UDP", "UDP", "", None),
        ("SIP/2.0/ ;branch=a", "UDP", "", None),
        ("//;", "UDP", "", None),
        ("", "UDP", "", None),
    ],
)
def test_blanks_in_a_via_mean_nothing(
    text: str, transport: str, host: str, port: int | None
) -> None:
    """RFC 3261 §20.42 has the first of them."""
    via = read_via(text)

    assert (via.transport, via.host, via.port) == (transport, host, port)


def test_a_via_goes_back_with_its_own_words() -> None:
    text = 'SIP / 2.0 / UDP x:5070;X="a;b";Branch=z9hG4bKa;rport;received=1.2.3.4'
    via = read_via(text)
    via.params |= {"received": "192.0.2.9", "rport": "1024"}

    written = 'SIP/2.0/UDP x:5070;X="a;b";Branch=z9hG4bKa;received=192.0.2.9;rport=1024'
    assert stamped(text, via) == written


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ('Digest username="a,b", NONCE="x"', {"username": "a,b", "nonce": "x"}),
        ('DIGEST\tusername="a\\"b",qop=auth', {"username": 'a"b', "qop": "auth"}),
        ('Digest realm="\\\\", realm="y", =z, w', {"realm": "\\", "": "z"}),
        ("NTLM", {}),
        ("", {}),
    ],
)
def test_credentials_are_read_by_their_quotes(text: str, params: dict[str, str]) -> None:
    assert read_credentials(text)[1] == params


@pytest.mark.parametrize(
    "name", ['"<sip:x@y>"', '"a > b"', '"c, d; e"', '"\\""', "Bell, Alexander"]
)
def test_a_call_is_found_by_its_tag_whatever_its_caller_is_called(name: str) -> None:
    """Else the BYE of such a telephone belongs to no call."""
    lines = (
        "INVITE sip:bob@y SIP/2.0",
        "Via: SIP/2.0/UDP x;branch=z9hG4bKa",
        f"From: {name} <sip:ann@x>;tag=theirs",
        "To: <sip:bob@y>",
        "Call-ID: 1",
        "CSeq: 1\tINVITE",
    )
    request = check(parse("\r\n".join((*lines, "", "")).encode()), ("192.0.2.1", 5060))  # type: ignore[arg-type]

    assert request.frm.tag == "theirs"
    assert Ends.of_called(request, "ours").remote_tag == "theirs"
