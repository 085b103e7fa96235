"""Addresses in headers: written in one place, whatever people and programs make of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.bridge.calls.attributes import OURS, to_headers
from sip.bridge.signalling.addresses import (
    NAME_ADDR,
    AddressError,
    host_and_port,
    name_addr,
    sip_uri,
    uri_of,
)
from sip.bridge.signalling.reading.values import read_address


@pytest.mark.parametrize(
    ("given", "uri"),
    [
        ("sip:200@pbx.example.com", "sip:200@pbx.example.com"),
        ("<sip:200@pbx.example.com>", "sip:200@pbx.example.com"),
        ("<<sip:200@pbx.example.com>>", "sip:200@pbx.example.com"),
        ('"Ann <x>" <sip:ann@x;transport=tcp>;tag=1', "sip:ann@x;transport=tcp"),
        ("Ann Bee <sips:ann@x>", "sips:ann@x"),
        (" tel:+4989555 ", "tel:+4989555"),
        ("<tel:+4989555>", "tel:+4989555"),
        ("+44 20 7946 0100", "tel:+442079460100"),
        ("tel:(030) 23-125;phone-context=+49", "tel:(030)23-125;phone-context=+49"),
        ("SIP:Ann@X:5070", "sip:Ann@X:5070"),
        ("ann@example.com", "sip:ann@example.com"),
        ("ann@example.com:5070", "sip:ann@example.com:5070"),
        (
            "sip:bob@x?Replaces=a%40b%3Bto-tag%3D1",
            "sip:bob@x?Replaces=a%40b%3Bto-tag%3D1",
        ),
        ("sip:müller@x", "sip:m%C3%BCller@x"),
        ("sip:100%@x", "sip:100%25@x"),
        ("sip:a@[2001:db8::1]:5060", "sip:a@[2001:db8::1]:5060"),
    ],
)
def test_an_address_is_read_however_it_is_given(given: str, uri: str) -> None:
    """LiveKit's server puts `sip:` targets into brackets before it hands them on, and `tel:` ones
    not; people copy both out of their address books."""
    assert uri_of(given) == uri
    assert name_addr(uri_of(given)) == f"<{uri}>"


@pytest.mark.parametrize(
    "given",
    ["", "<>", "sip:", "tel: ", "https://x", "javascript:alert(1)", "mailto:a@x", "sip:a>b<c@x"]
    + [f"sip:a@x{end}Contact: <sip:evil@y>" for end in ("\r\n", "\n", "\r", "\0", "\x0b")],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(AddressError):
        uri_of(given)


@pytest.mark.parametrize(
    ("display", "written"),
    [
        ("", "<sip:a@x>"),
        ("Ann", '"Ann" <sip:a@x>'),
        ('Ann "B" Bee', '"Ann \\"B\\" Bee" <sip:a@x>'),
        ("back\\slash", '"back\\\\slash" <sip:a@x>'),
        ("Jürgen Groß", '"Jürgen Groß" <sip:a@x>'),
        ("Ann <sip:evil@y>", '"Ann <sip:evil@y>" <sip:a@x>'),
        ("Sales; Support, Ltd", '"Sales; Support, Ltd" <sip:a@x>'),
        ("Ann\r\nX-Evil: 1", '"Ann X-Evil: 1" <sip:a@x>'),
        ("\0\x07", "<sip:a@x>"),
        ('"', '"\\"" <sip:a@x>'),
        ("\\", '"\\\\" <sip:a@x>'),
    ],
)
def test_a_name_stays_a_name(display: str, written: str) -> None:
    """Quotes, brackets, semicolons and line breaks in it change nothing about the address."""
    assert name_addr("sip:a@x", display) == written


@given(st.text(max_size=40))
def test_no_name_gets_out_of_its_quotes(display: str) -> None:
    written = name_addr("sip:a@x", display, tag="t1")

    assert not set(written) & set("\r\n\0")
    if '"' not in display and "<" not in display and ">" not in display:
        read = read_address(written)
        assert (read.uri.user, read.uri.host, read.tag) == ("a", "x", "t1")


@pytest.mark.parametrize(
    ("user", "uri"),
    [
        ("+4989555", "sip:+4989555@x"),
        ("ann", "sip:ann@x"),
        ("Müller", "sip:M%C3%BCller@x"),
        ("*72#", "sip:*72%23@x"),
        ("a@b", "sip:a%40b@x"),
        ("a>\r\nVia: y", "sip:a%3E%0D%0AVia%3A%20y@x"),
        ("", "sip:x"),
    ],
)
def test_a_user_is_escaped_and_never_shortened(user: str, uri: str) -> None:
    """A number without the character that could not be written would be another number."""
    assert sip_uri("x", user) == uri


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("carrier.example", ("carrier.example", None)),
        ("carrier.example:5070", ("carrier.example", 5070)),
        ("192.0.2.1:5060", ("192.0.2.1", 5060)),
        ("[2001:db8::1]:5070", ("[2001:db8::1]", 5070)),
        ("[2001:db8::1]", ("[2001:db8::1]", None)),
        ("2001:db8::1", ("[2001:db8::1]", None)),
        ("sbc_1.carrier.example.", ("sbc_1.carrier.example.", None)),
    ],
)
def test_a_host_may_have_a_port(address: str, found: tuple[str, int | None]) -> None:
    assert host_and_port(address) == found


@pytest.mark.parametrize(
    "address",
    [
        "",
        ":5060",
        "x:0",
        "x:99999",
        "x:y",
        "a b",
        "x>;lr",
        "x\r\nVia",
        "x;lr",
        "a@b",
        "x:" + "9" * 5000,
    ],
)
def test_a_host_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        host_and_port(address)


def test_contact_of_an_ipv6_address_is_in_brackets() -> None:
    written = name_addr(sip_uri("2001:db8::1", port=5060, transport="udp"))

    assert written == "<sip:[2001:db8::1]:5060;transport=udp>"


@pytest.mark.parametrize("name", [*sorted(OURS), "Via", "FROM", "Call-ID", "Refer-To"])
def test_headers_that_make_a_message_what_it_is_are_the_legs_own(name: str) -> None:
    """One of a trunk's headers that were `From` would replace ours."""
    assert to_headers({}, {}, {name: "x", "X-Kept": "1"}) == [("X-Kept", "1")]


@pytest.mark.parametrize("name", ["", "X Y", "X:Y", "X\r\nY", "X\tY", "Ü", 'X"', "X\0"])
def test_a_name_that_is_none_is_left_out(name: str) -> None:
    assert to_headers({}, {}, {name: "x"}) == []


@pytest.mark.parametrize("value", ["a\r\nVia: b", "a\nVia: b", "a\0\x0bVia: b", "a\u2028Via: b"])
def test_a_value_stays_in_its_line(value: str) -> None:
    assert to_headers({"who": value}, {"who": "P-Asserted-Identity"}, {}) == [
        ("P-Asserted-Identity", "a Via: b")
    ]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", [" ", "\t", "a ", '\\"', "<", ">a", '" '])
def test_a_long_address_costs_no_more_than_its_length(unit: str) -> None:
    """One that cost its square would take minutes."""
    for end in ("", "x", '"', "<", "<sip:a@b>x<"):
        for _ in range(20):
            assert NAME_ADDR.match(unit * (60_000 // len(unit)) + end) is None
