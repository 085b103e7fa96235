"""Where a 3xx sends us, and where we go (RFC 3261 §8.1.3.4)."""

from __future__ import annotations

import pytest
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.dialling.course import MOST_REDIRECTIONS
from sip.bridge.dialling.permission import Permission
from sip.bridge.dialling.redirect import Contact, contacts
from sip.bridge.signalling.digest import Login
from tests.sip.bridge.caller import Phones
from tests.sip.bridge.dialling.carrier import Carrier, answers
from tests.sip.bridge.dialling.dialling import NUMBER, dial, dialler, failure

pytestmark = pytest.mark.virtual_time(alone=True)


def moved(*values: str, code: int = 302) -> tuple[Contact, ...]:
    response = SipResponse(status_code=code, reason_phrase="Moved")
    for value in values:
        response.headers.append("Contact", value)
    return contacts(response)


def test_the_likeliest_contact_comes_first() -> None:
    """By q, whatever its spelling; who says none means 1, and equals keep their order."""
    found = moved(
        "<sip:low@h>;q=0.1",
        "sip:bare@h;q=.5;expires=3",
        '"Ann, <b>" <sip:none@h>',
        "<sip:best@h> ; Q=1.0",
        "<sip:odd@h>;q=11",
    )

    assert [contact.user for contact in found] == ["none", "best", "odd", "bare", "low"]


@pytest.mark.parametrize(
    ("value", "uri"),
    [
        ("<sip:+49@H.example:5070;transport=TCP>", "sip:+49@h.example:5070;transport=tcp"),
        ("<SIP:+49@[2001:DB8::1]>", "sip:+49@[2001:db8::1]"),
        ("<sip:+49@h?Subject=x&Body=y>", "sip:+49@h"),
        ("<sip:+49@h;method=INVITE;x=y>", "sip:+49@h"),
        ("<sips:+49@h>", "sips:+49@h"),
        ("<sip:h>", "sip:h"),
    ],
)
def test_of_a_contact_only_the_address_is_taken(value: str, uri: str) -> None:
    """Headers in a URI would be whatever the other side likes in a request of ours."""
    assert [contact.uri for contact in moved(value)] == [uri]


@pytest.mark.parametrize(
    "value",
    ["*", "", "<>", "<sip:>", "<sip:a b@h>", "<sip:a@h;method=BYE>", "<sip:a@h:99999>", "nonsense"],
)
def test_what_is_no_address_is_not_tried(value: str) -> None:
    assert moved(value) == ()


def test_another_service_is_no_place_for_a_call() -> None:
    """380: the contact is something else than the telephone."""
    assert moved("<sip:+49@h>", code=380) == ()


HERE = Permission(
    "+498955501",
    "sip.carrier.example",
    networks=("198.51.100.0/24", "2001:db8::/32"),
    dial_out=("+4989*", "+44207*"),
    country="DE",
)


@pytest.mark.parametrize(
    "value",
    [
        "<sip:+498955501@sip.carrier.example:5070>",
        "<sip:+498955501@SIP.Carrier.example;transport=tcp>",
        "<sip:%2B498955501@198.51.100.7>",
        "<sip:+498955501;npdi@[2001:db8::7]>",
        "<sip:08955501@198.51.100.7;user=phone>",
        "<sip:+4989777@198.51.100.7>",
        "<tel:+44-207-946-0000>",
        "<sip:+498955501@203.0.113.9>",
    ],
)
def test_a_call_may_go_on_within_its_trunk_and_plan(value: str) -> None:
    (contact,) = moved(value)

    assert HERE.problem(contact, ("203.0.113.9",)) == ""


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("<sip:+498955501@203.0.113.9>", "no address of the trunk"),
        ("<sip:+498955501@evil.example>", "no address of the trunk"),
        ("<sip:+498955501@carrier.example>", "no address of the trunk"),
        ("<sip:+498955501@127.0.0.1>", "no address of the trunk"),
        ("<sip:+1900555@198.51.100.7>", "dial_out"),
        ("<tel:+1900555>", "dial_out"),
        ("<sip:0190055@198.51.100.7>", "dial_out"),
        ("<sip:198.51.100.7>", "dial_out"),
        ("<sips:+498955501@198.51.100.7>", "sips: is not followed"),
        ("<mailto:ann@example.com>", "mailto: is not followed"),
        ("<sip:+498955501@198.51.100.7;transport=tls>", "by tls, which the trunk does not speak"),
    ],
)
def test_a_call_goes_nowhere_else(value: str, why: str) -> None:
    """To no foreign host and to no number that costs what the plan does not allow. The reason
    names no number: it stands in logs."""
    (contact,) = moved(value)
    problem = HERE.problem(contact, ())

    assert why in problem
    assert "555" not in problem


def test_without_a_plan_only_the_same_number_may_be_called() -> None:
    bare = Permission("+498955501", "192.0.2.1")
    same, other = moved("<sip:+498955501@192.0.2.1>", "<sip:+498955502@192.0.2.1>")

    assert bare.problem(same, ()) == ""
    assert "dial_out" in bare.problem(other, ())


def to(carrier: Carrier, number: str = NUMBER, more: str = "") -> tuple[str, str]:
    host, port = carrier.address
    return "Contact", f"<sip:{number}@{host}:{port}>{more}"


async def test_a_redirected_call_is_made_again(near: Phones, far: Carrier, other: Carrier) -> None:
    """The same call, asked anew at the other address: To, From and Call-ID stay, CSeq rises."""
    other.reacts = answers(other, 200, tag="b")
    calling = dial(dialler(near, far, networks=("127.0.0.2/32",)))
    first = await far.got("INVITE")
    far.answer(first, 302, headers=[to(other)])
    dialog, _ = await calling
    second = await other.got("INVITE")
    await far.got("ACK")

    assert dialog.ends.remote_tag == "b"
    assert second.uri == f"sip:{NUMBER}@127.0.0.2:{other.address[1]}"
    for name in ("from", "to", "call-id"):
        assert second.get_header(name) == first.get_header(name)
    assert second.cseq is not None
    assert second.cseq.seq == 2


async def test_contacts_are_tried_in_turn_until_somebody_answers(
    near: Phones, far: Carrier, other: Carrier
) -> None:
    """The first is busy, the second may not be called at all, the third answers."""

    def react(request: SipRequest) -> None:
        if request.method == "INVITE":
            busy = "first" in request.uri
            other.answer(request, 486 if busy else 200, tag="x")

    other.reacts = react
    calling = dial(dialler(near, far, networks=("127.0.0.2/32",), dial_out=("*first", "*third")))
    first = await far.got("INVITE")
    contacts = [to(other, "third", ";q=0.2"), to(other, "second", ";q=0.5"), to(other, "first")]
    far.answer(first, 300, headers=contacts)
    await calling

    assert [invite.uri.partition("@")[0] for invite in other.all("INVITE")] == [
        "sip:first",
        "sip:third",
    ]


async def test_nobody_at_any_contact_is_told_by_who_was_nearest(
    near: Phones, far: Carrier, other: Carrier
) -> None:
    """Busy tells more than a gateway that is out of order."""

    def react(request: SipRequest) -> None:
        if request.method == "INVITE":
            other.answer(request, 486 if "first" in request.uri else 503, tag="x")

    other.reacts = react
    calling = dial(dialler(near, far, networks=("127.0.0.2/32",), dial_out=("*",)))
    invite = await far.got("INVITE")
    far.answer(invite, 302, headers=[to(other, "first"), to(other, "second", ";q=0.1")])
    why = await failure(calling)

    assert (why.code, why.cause) == (486, "busy")


async def test_a_refusal_for_everywhere_ends_the_search(near: Phones, far: Carrier) -> None:
    calling = dial(dialler(near, far, dial_out=("*",)))
    invite = await far.got("INVITE")
    far.answer(invite, 302, headers=[to(far, "a"), to(far, "b", ";q=0.1")])
    far.answer(await far.got("INVITE", 2), 603, "Decline", tag="x")
    why = await failure(calling)

    assert (why.code, why.cause) == (603, "declined")
    assert len(far.all("INVITE")) == 2


async def test_a_foreign_host_gets_no_call(near: Phones, far: Carrier, other: Carrier) -> None:
    calling = dial(dialler(near, far))
    far.answer(await far.got("INVITE"), 302, "Moved Temporarily", headers=[to(other)])
    why = await failure(calling)

    assert (why.code, why.cause) == (302, "failed")
    assert why.detail == (
        "redirected with 302 Moved Temporarily: to 127.0.0.2, which is no address of the trunk"
    )
    assert other.requests == []


async def test_a_circle_is_left(near: Phones, far: Carrier) -> None:
    """Two places that send the call to each other; each is asked once."""

    def react(request: SipRequest) -> None:
        if request.method == "INVITE":
            there = "b" if "sip:a@" in request.uri or NUMBER in request.uri else "a"
            far.answer(request, 302, headers=[to(far, there)])

    far.reacts = react
    why = await failure(dial(dialler(near, far, dial_out=("*",))))

    assert why.cause == "failed"
    assert "where it had been already" in why.detail
    assert len(far.all("INVITE")) == 3


async def test_nobody_is_sent_on_for_ever(near: Phones, far: Carrier) -> None:
    """Each place names a new one."""

    def react(request: SipRequest) -> None:
        if request.method == "INVITE":
            far.answer(request, 302, headers=[to(far, str(len(far.all("INVITE"))))])

    far.reacts = react
    why = await failure(dial(dialler(near, far, dial_out=("*",))))

    assert "too often" in why.detail
    assert len(far.all("INVITE")) == 1 + MOST_REDIRECTIONS


async def test_a_proxy_that_is_named_gets_the_call_as_it_was(
    near: Phones, far: Carrier, other: Carrier
) -> None:
    """305: the address alone is another's."""
    other.reacts = answers(other, 200, tag="b")
    calling = dial(dialler(near, far, networks=("127.0.0.2/32",)))
    first = await far.got("INVITE")
    host, port = other.address
    far.answer(first, 305, headers=[("Contact", f"<sip:{host}:{port};lr>")])
    await calling

    assert (await other.got("INVITE")).uri == first.uri


CHALLENGE = 'Digest realm="r", nonce="{}", algorithm=MD5'


async def test_a_wrong_password_is_not_tried_twice(near: Phones, far: Carrier) -> None:
    far.reacts = answers(
        far, 407, "Prove it", headers=[("Proxy-Authenticate", CHALLENGE.format("n"))]
    )
    why = await failure(dial(dialler(near, far, login=Login("us", "wrong"))))

    assert (why.code, why.cause) == (407, "failed")
    assert len(far.all("INVITE")) == 2


async def test_a_proof_that_is_only_too_old_is_made_again(near: Phones, far: Carrier) -> None:
    """`stale`; and a proxy and the telephone behind it may both ask."""
    calling = dial(dialler(near, far, login=Login("us", "ours")))
    proxy, stale = CHALLENGE.format("a"), f"{CHALLENGE.format('b')}, stale=TRUE"
    own = CHALLENGE.format("c")
    for count, (code, name, value) in enumerate(
        (
            (407, "Proxy-Authenticate", proxy),
            (407, "Proxy-Authenticate", stale),
            (401, "WWW-Authenticate", own),
        ),
        1,
    ):
        far.answer(await far.got("INVITE", count), code, headers=[(name, value)])
    last = await far.got("INVITE", 4)
    far.answer(last, 200, tag="x")
    await calling

    assert 'nonce="b"' in (last.get_header("proxy-authorization") or "")
    assert 'nonce="c"' in (last.get_header("authorization") or "")


async def test_a_longer_session_is_asked_for_as_it_was_wanted(near: Phones, far: Carrier) -> None:
    """422: the interval rises to the least, and the least is repeated (RFC 4028 §7.3)."""
    calling = dial(dialler(near, far))
    far.answer(await far.got("INVITE"), 422, headers=[("Min-SE", "7200")])
    second = await far.got("INVITE", 2)
    far.answer(second, 200, tag="x")
    await calling

    assert second.get_header("session-expires") == "7200"
    assert second.get_header("min-se") == "7200"
