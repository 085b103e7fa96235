"""What is read of a message before anybody acts on it."""

from __future__ import annotations

import pytest
from aiosipua.message import SipRequest

from sip.bridge.signalling.message import Request, check
from sip.bridge.signalling.reading.parse import parse

HEAD = (
    "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKone",
    "From: <sip:ann@x>;tag=a",
    "To: <sip:bob@y>",
    "Call-ID: one",
    "CSeq: 7 INVITE",
)


def request(*lines: str, method: str = "INVITE", uri: str = "sip:bob@y") -> Request:
    """`lines` take the place of those of the head that have the same name."""
    named = {line.partition(":")[0]: line for line in (*HEAD, *lines)}
    text = "\r\n".join((f"{method} {uri} SIP/2.0", *named.values(), "", ""))
    raw = parse(text.encode())
    assert isinstance(raw, SipRequest)
    return check(raw, ("192.0.2.1", 5070))


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("x: 1800;refresher=uas", "session-expires", "1800;refresher=uas"),
        ("X : 90", "session-expires", "90"),
        ("r:<sip:carol@z>", "refer-to", "<sip:carol@z>"),
        ("b: <sip:ann@x>", "referred-by", "<sip:ann@x>"),
        ("o: refer;id=3", "event", "refer;id=3"),
        ("u: refer", "allow-events", "refer"),
        ("k: timer, 100rel", "supported", "timer"),
        ("a: *;audio", "accept-contact", "*;audio"),
        ("j: *;video", "reject-contact", "*;video"),
        ("d: no-fork", "request-disposition", "no-fork"),
        ("n: <https://x>", "identity-info", "<https://x>"),
        ("y: abc", "identity", "abc"),
        ("c: application/sdp", "content-type", "application/sdp"),
        ("e: gzip", "content-encoding", "gzip"),
        ("s: lunch", "subject", "lunch"),
        ("m:\r\n <sip:ann@192.0.2.1>", "contact", "<sip:ann@192.0.2.1>"),
    ],
)
def test_every_short_name_of_a_header_is_known(line: str, name: str, value: str) -> None:
    found = request(line)

    assert found.header(name) == value


def test_a_short_name_is_none_within_a_value_or_a_body() -> None:
    raw = b"INVITE sip:a@b SIP/2.0\r\nSubject: x\r\n\r\nx: 90\r\no=- 1 1 IN IP4 1.2.3.4\r\n"

    assert bytes(parse(raw)).endswith(b"x: 90\r\no=- 1 1 IN IP4 1.2.3.4\r\n")


def test_a_phone_of_the_first_sip_has_no_tag() -> None:
    found = request("From: sip:ann@x")

    assert found.dialog == ("one", "", "")


@pytest.mark.parametrize(
    "line",
    [
        "Call-ID: another",
        "CSeq: 8 INVITE",
        "From: <sip:ann@x>;tag=b",
        "Via: SIP/2.0/UDP 192.0.2.9:5070;branch=1",
        "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=2",
        "Via: SIP/2.0/UDP 192.0.2.1:5070",
    ],
)
def test_a_branch_without_its_cookie_tells_no_calls_apart(line: str) -> None:
    """RFC 2543: telephones wrote `branch=1` into each of their requests (RFC 3261 §17.2.3)."""
    old = "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=1"

    assert request(old).transaction == request(old).transaction
    assert request(old).transaction != request(old, line).transaction


@pytest.mark.parametrize("branch", ["z9hG4bKone", "Z9HG4BKone"])
def test_a_branch_with_its_cookie_is_enough(branch: str) -> None:
    """Whatever else a retransmission has, it is one."""
    via = f"Via: SIP/2.0/UDP 192.0.2.1:5070;branch={branch}"
    again = f"Via: SIP/2.0/UDP 192.0.2.1:5070;branch={branch};rport"

    assert request(via).transaction == request(again, "Max-Forwards: 3").transaction


def test_the_cookie_alone_is_no_branch() -> None:
    """RFC 4475 §3.2.1."""
    bare = "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK"

    assert request(bare).transaction != request(bare, "CSeq: 8 INVITE").transaction


@pytest.mark.parametrize("branch", [";branch=z9hG4bKone", ";branch=1", ""])
def test_an_ack_and_a_cancel_find_their_invite(branch: str) -> None:
    """The ACK of an answer has its tag, which the INVITE had not."""
    via = f"Via: SIP/2.0/UDP 192.0.2.1:5070{branch}"
    invite = request(via).transaction
    cancel = request(via, "CSeq: 7 CANCEL", method="CANCEL")
    ack = request(via, "CSeq: 7 ACK", "To: <sip:bob@y>;tag=ours", method="ACK")

    assert cancel.of_invite[0] == invite
    assert invite in ack.of_invite
