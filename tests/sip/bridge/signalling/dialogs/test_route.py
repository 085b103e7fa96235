"""Where the requests of a dialog go (RFC 3261 §12.2.1.1)."""

from __future__ import annotations

import pytest
from aiosipua.message import SipResponse

from sip.bridge.signalling.dialogs.route import Route, literal, target_of

PEER = ("203.0.113.5", 5060)
PUBLIC = ("8.8.4.4", 5060)
"""Python counts the addresses of documentation among the private ones."""


def test_without_proxies_the_target_is_asked_itself() -> None:
    route = Route("sip:ann@192.0.2.1:5070")

    assert (route.uri, route.headers) == ("sip:ann@192.0.2.1:5070", ())
    assert literal(route.next_hop, PEER) == ("192.0.2.1", 5070)


def test_loose_proxies_stand_in_route_and_the_first_gets_it() -> None:
    routes = ("<sip:192.0.2.9;lr>", "<sip:192.0.2.8;lr=on>")
    route = Route("sip:ann@192.0.2.1", routes)

    assert (route.uri, route.headers) == ("sip:ann@192.0.2.1", routes)
    assert literal(route.next_hop, PEER) == ("192.0.2.9", 5060)


def test_a_strict_proxy_takes_its_own_address_for_the_request_uri() -> None:
    """And the target is the last of Route, as RFC 2543 has it; what may not stand in a
    Request-URI is left out."""
    routes = ("<sip:192.0.2.9:5080;method=INVITE;transport=udp?Subject=x>", "<sip:192.0.2.8;lr>")
    route = Route("sip:ann@192.0.2.1", routes)

    assert route.uri == "sip:192.0.2.9:5080;transport=udp"
    assert route.headers == ("<sip:192.0.2.8;lr>", "<sip:ann@192.0.2.1>")
    assert literal(route.next_hop, PEER) == ("192.0.2.9", 5080)


def test_one_strict_proxy_alone() -> None:
    route = Route("sip:ann@192.0.2.1", ("sip:192.0.2.9",))

    assert (route.uri, route.headers) == ("sip:192.0.2.9", ("<sip:ann@192.0.2.1>",))


@pytest.mark.parametrize(
    ("uri", "peer", "named"),
    [
        ("sip:carrier.example", PEER, None),
        ("sip:10.0.0.7:5070", PUBLIC, None),
        ("sip:10.0.0.7:5070", ("10.0.0.1", 5060), ("10.0.0.7", 5070)),
        ("sip:a@[2001:db8::7]:5070", PEER, ("2001:db8::7", 5070)),
        ("sip:a@carrier.example;maddr=192.0.2.3", PEER, ("192.0.2.3", 5060)),
        ("sip:a@239.1.1.1", PEER, None),
    ],
)
def test_a_name_or_a_private_address_of_a_public_peer_is_no_way(
    uri: str, peer: tuple[str, int], named: tuple[str, int] | None
) -> None:
    """Then it goes back where the call came from."""
    assert literal(Route(uri).next_hop, peer) == named


@pytest.mark.parametrize(
    ("contact", "target"),
    [
        ('"Ann, here" <sip:ann@192.0.2.1;ob?X=y>;expires=5', "sip:ann@192.0.2.1;ob"),
        ("sip:192.0.2.1", "sip:192.0.2.1"),
        ("*", ""),
        ("<sip:>", ""),
        ("", ""),
    ],
)
def test_the_target_is_what_the_contact_names(contact: str, target: str) -> None:
    response = SipResponse(status_code=200)
    if contact:
        response.headers.append("Contact", contact)

    assert target_of(response) == target
    assert Route("sip:before@x").refreshed(response).target == (target or "sip:before@x")
