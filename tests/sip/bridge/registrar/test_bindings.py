"""RFC 3261 §10.3, step by step."""

from __future__ import annotations

import pytest
from aiosipua.message import SipRequest

from sip.bridge.registrar.bindings import Asked, BadRegisterError, Binding, applied
from sip.bridge.signalling.message import check
from sip.bridge.signalling.reading.parse import parse
from sip.bridge.transport.flow import Flow
from tests.fakes.flow import Nowhere

NOW = 1_000_000.0
PEER = ("192.0.2.77", 40123)


def asked(
    *headers: str,
    cseq: int = 1,
    call_id: str = "a",
    via: str = ";rport",
    tcp: bool = False,
    now: float = NOW,
) -> Asked:
    lines = [
        "REGISTER sip:gw SIP/2.0",
        f"Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK1{via}",
        "From: <sip:ann@gw>;tag=1",
        "To: <sip:ann@gw>",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} REGISTER",
        *headers,
    ]
    raw = parse("\r\n".join([*lines, "", ""]).encode())
    assert isinstance(raw, SipRequest)
    return Asked(check(raw, PEER), Flow(PEER, Nowhere(), reliable=tcp), now)


def one(*headers: str, **how: object) -> Binding:
    (made,) = applied((), asked(*headers, **how))  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (("Contact: <sip:ann@192.0.2.77>",), 600),
        (("Contact: <sip:ann@192.0.2.77>", "Expires: 120"), 120),
        (("Contact: <sip:ann@192.0.2.77>;expires=300", "Expires: 120"), 300),
        (("m: sip:ann@192.0.2.77;expires=300",), 300),
        (("Contact: <sip:ann@192.0.2.77>;expires=soon",), 600),
        (("Contact: <sip:ann@192.0.2.77>;expires=4294967295",), 3600),
        (("Contact: <sip:ann@192.0.2.77>;expires=99999999999999999999",), 600),
    ],
)
def test_how_long_a_place_is_known(headers: tuple[str, ...], seconds: int) -> None:
    """The contact's own time first, then the request's, then ours; never more than an hour."""
    assert one(*headers).until == NOW + seconds


@pytest.mark.parametrize(
    ("contact", "via", "tcp", "port"),
    [
        ("<sip:ann@192.0.2.77:5062>", ";rport", False, 40123),
        ("<sip:ann@192.0.2.77:5062>", "", False, 5062),
        ("<sip:ann@192.0.2.77>", "", False, 5060),
        ("<sip:ann@10.0.0.5:5062>", "", False, 40123),
        ("<sip:ann@192.0.2.77:5062>", "", True, 40123),
    ],
)
def test_where_a_telephone_is_rung(contact: str, via: str, tcp: bool, port: int) -> None:
    """Where it came from (RFC 3581), unless it listens at another port and no router is between."""
    made = one(f"Contact: {contact}", via=via, tcp=tcp)

    assert (made.host, made.port) == ("192.0.2.77", port)


@pytest.mark.parametrize(
    "contact",
    [
        "<tel:+4930123>",
        "<sips:ann@192.0.2.77>",
        "<https://192.0.2.77>",
        "<sip:>",
        "<sip:ann@192.0.2.77 >;x=1, <sip:a b@c>",
        "ann",
        "<>",
        f"<sip:{'a' * 600}@192.0.2.77>",
    ],
)
def test_a_contact_that_cannot_be_called_is_refused(contact: str) -> None:
    with pytest.raises(BadRegisterError) as refused:
        applied((), asked(f"Contact: {contact}"))

    assert refused.value.code == 400


def test_nothing_changes_where_one_of_several_is_refused() -> None:
    """All or nothing."""
    before = applied((), asked("Contact: <sip:a@192.0.2.1>"))
    with pytest.raises(BadRegisterError) as refused:
        applied(before, asked("Contact: <sip:b@192.0.2.2>, <sip:c@192.0.2.3>;expires=5", cseq=2))

    assert refused.value.code == 423


@pytest.mark.parametrize(
    ("headers", "call_id", "cseq", "code"),
    [
        (("Contact: <sip:a@192.0.2.1>",), "a", 7, 500),
        (("Contact: <sip:a@192.0.2.1>;expires=0",), "a", 6, 500),
        (("Contact: *", "Expires: 0"), "a", 7, 500),
        (("Contact: <sip:a@192.0.2.1>",), "a", 8, None),
        (("Contact: <sip:a@192.0.2.1>",), "b", 1, None),
        (("Contact: <sip:other@192.0.2.1>",), "a", 7, None),
        (("Contact: *", "Expires: 0"), "b", 1, None),
    ],
)
def test_a_request_that_was_overtaken_changes_nothing(
    headers: tuple[str, ...], call_id: str, cseq: int, code: int | None
) -> None:
    """Within one Call-ID numbers rise, for the places that the request is about."""
    before = applied((), asked("Contact: <sip:a@192.0.2.1>", cseq=7))
    try:
        applied(before, asked(*headers, call_id=call_id, cseq=cseq))
        found = None
    except BadRegisterError as refused:
        found = refused.code

    assert found == code


@pytest.mark.parametrize(
    "again",
    [
        "<sip:ann@192.0.2.1:5060>",
        "<SIP:ann@192.0.2.1>",
        "sip:ann@192.0.2.1",
        '"A" <sip:ann@192.0.2.1;x=y>',
    ],
)
def test_the_same_place_in_another_spelling_is_no_second_one(again: str) -> None:
    before = applied((), asked("Contact: <sip:ann@192.0.2.1>"))
    after = applied(before, asked(f"Contact: {again}", cseq=2))

    assert len(after) == 1


def test_a_place_that_is_over_is_gone_and_so_is_one_taken_back() -> None:
    before = applied((), asked("Contact: <sip:a@192.0.2.1>;expires=60, <sip:b@192.0.2.2>"))
    later = applied(before, asked("Contact: <sip:c@192.0.2.3>", cseq=2, now=NOW + 61))
    left = applied(later, asked("Contact: <sip:b@192.0.2.2>;expires=0", cseq=3, now=NOW + 62))

    assert [b.contact for b in later] == ["sip:b@192.0.2.2", "sip:c@192.0.2.3"]
    assert [b.contact for b in left] == ["sip:c@192.0.2.3"]


def test_a_telephone_is_not_at_a_hundred_places() -> None:
    many = ", ".join(f"<sip:ann@192.0.2.{n}>" for n in range(1, 20))
    with pytest.raises(BadRegisterError) as refused:
        applied((), asked(f"Contact: {many}"))

    assert refused.value.code == 403
