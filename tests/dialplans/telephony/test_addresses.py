"""Addresses of SIP headers: read as far as they go, and never more than what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplans.telephony.addresses import LONGEST, MOST, address, addresses


@pytest.mark.parametrize(
    ("header", "user"),
    [
        ("<sip:+4989123@x>;tag=1", "+4989123"),
        ('"Ann <sip:x@y>" <sip:ann@x:5070;transport=udp>', "ann"),
        ("sip:+4989123@x;tag=1", "+4989123"),
        ("<tel:+4989123;phone-context=+49>;tag=1", "+4989123"),
        ("<sip:+4989123;cpc=ordinary@x;user=phone>", "+4989123"),
        ("<sip:%2B4989123@x>", "+4989123"),
        ("<sip:ann:secret@x>", "ann"),
        ("<sip:x>", ""),
        ("sip:x;user=phone", ""),
        ("sip:+4989123", "+4989123"),
        ("<sip:ann@home@x?Subject=a@b>", "ann"),
        ("<sip:a\x00b%0d%0aX: y@x>", "abX"),
        ("", ""),
    ],
)
def test_the_number_in_a_header(header: str, user: str) -> None:
    """Names, parameters, passwords and control characters are not part of it."""
    assert address(header).user == user


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("sip:a@example.com:5070;transport=tcp", "example.com", 5070),
        ("sip:a@[2001:db8::1]:5061", "[2001:db8::1]", 5061),
        ("sip:a@[2001:db8::1]", "[2001:db8::1]", None),
        ("sip:a@example.com:99999", "example.com", None),
        ("tel:+4989123", "", None),
        ("sip:+4477;phone-context=+44@example.com", "example.com", None),
    ],
)
def test_the_host_is_never_a_number(text: str, host: str, port: int | None) -> None:
    """It is told to livekit-server, and a tel: number has none."""
    found = address(text)

    assert (found.host, found.port) == (host, port)


def test_several_addresses_are_told_apart() -> None:
    """Commas stand in names and URIs as well (RFC 3261 §7.3.1)."""
    found = addresses('"Doe, A" <sip:1@a;x=1,2>;reason="a,b" , <tel:2>,,sip:3@c')

    assert [one.user for one in found] == ["1", "2", "3"]
    assert found[0].name == "Doe, A"


def test_a_header_without_end_is_not_read_to_its_end() -> None:
    """Ten thousand entries cost as much as twenty."""
    assert len(addresses("<sip:1@a>," * 10_000)) == MOST
    assert len(address("<sip:" + "1" * 10_000 + "@a>").user) <= LONGEST


@given(st.text(alphabet='<>"@:;,?%+\\ 0aé', max_size=60))
def test_nothing_that_is_broken_raises(text: str) -> None:
    assert isinstance(address(text).user, str)
    assert isinstance(addresses(text), tuple)
