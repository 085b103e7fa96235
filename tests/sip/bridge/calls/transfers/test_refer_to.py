"""Whom a telephone wants its call sent to, in the spellings of Refer-To."""

from __future__ import annotations

import pytest

from sip.bridge.calls.transfers.refer_to import ReferTo, ReferToError
from sip.bridge.calls.transfers.replacement import Replaces

REPLACES = Replaces("a@b", "1", "2")


@pytest.mark.parametrize(
    ("value", "user", "host", "uri"),
    [
        ("<sip:200@pbx.example>", "200", "pbx.example", "sip:200@pbx.example"),
        ("sip:200@pbx.example", "200", "pbx.example", "sip:200@pbx.example"),
        ('"O, <dear>" <SIP:200@Pbx:5070>;x=1', "200", "pbx", "sip:200@Pbx:5070"),
        ("<sip:ann%20b@h;transport=TCP>", "ann b", "h", "sip:ann%20b@h;transport=TCP"),
        ("<sip:200@h;METHOD=invite;user=phone>", "200", "h", "sip:200@h;user=phone"),
        ("<sip:200;ext=7@h>", "200", "h", "sip:200;ext=7@h"),
        ("<sip:200@h?Subject=a%20b&Call-Info=x@y>", "200", "h", "sip:200@h"),
        ("<sip:what?ever@h>", "what?ever", "h", "sip:what?ever@h"),
        ("<tel:+49-89-1234;phone-context=x>", "+49-89-1234", "", None),
        ("tel:112", "112", "", "tel:112"),
        ("<sip:[2001:db8::1]:5070>", "", "[2001:db8::1]", "sip:[2001:db8::1]:5070"),
        ("<sip:pbx.example>", "", "pbx.example", "sip:pbx.example"),
    ],
)
def test_what_is_dialled(value: str, user: str, host: str, uri: str | None) -> None:
    found = ReferTo.read(value)

    assert found.user.startswith(user) or user in found.user
    assert found.host == host
    assert found.replaces is None
    if uri is not None:
        assert (found.user, found.uri) == (user, uri)


@pytest.mark.parametrize(
    "value",
    [
        "<sip:b@h?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>",
        "<sip:b@h?replaces=a%40b%3bfrom-tag%3d2%3bto-tag%3d1&Require=replaces>",
        "<sip:b@h;transport=udp?Require=replaces&Replaces=a@b;to-tag=1;from-tag=2>",
        "<sip:h?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>",
        "<sip:h?Replaces=a@b;to-tag=1;from-tag=2>",
    ],
)
def test_whose_place_is_to_be_taken(value: str) -> None:
    found = ReferTo.read(value)

    assert found.replaces == REPLACES
    assert found.host == "h"
    assert "?" not in found.uri


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", 400),
        ("200", 400),
        ("<200@h>", 400),
        ("<sip:>", 400),
        ("<sip:a@>", 400),
        ("<tel:>", 400),
        ("<sip:a@h>\r\nX: y", 400),
        ("<sip:a@h?Replaces=>", 400),
        ("<sip:a@h?Replaces=x%3Bto-tag%3D1>", 400),
        ("<sip:a@h?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2&Replaces=y>", 400),
        ("<sip:a@h?Replaces=x%0D%0AVia%3A%20y%3Bto-tag%3D1%3Bfrom-tag%3D2>", 400),
        ("<sips:a@h>", 416),
        ("<mailto:a@h>", 416),
        ("<http://h/>", 416),
        ("<sip:a@h;method=BYE>", 501),
        ("<sip:a@h;Method=%53UBSCRIBE>", 501),
        ("<sip:a@h;method=>", 501),
    ],
)
def test_what_nobody_can_be_sent_to(value: str, code: int) -> None:
    with pytest.raises(ReferToError) as found:
        ReferTo.read(value)

    assert found.value.code == code
    assert "\r" not in str(found.value)
