"""What a phone's NOTIFY says of a transfer, in the spellings that phones have."""

from __future__ import annotations

import asyncio

import pytest

from sip.bridge.calls.transfers.notified import Outcome, Reports, refused
from sip.bridge.signalling.message import Headers
from tests.sip.bridge.signalling.pair import pair

pytestmark = pytest.mark.virtual_time(alone=True)

ACTIVE = ("Subscription-State", "active;expires=60")
OVER = ("Subscription-State", "terminated;reason=noresource")
SIPFRAG = ("Content-Type", "message/sipfrag;version=2.0")

Notify = tuple[Headers, bytes]


async def outcome(*notifies: Notify) -> tuple[Outcome | None, list[int]]:
    """None while more is to come; and what each NOTIFY was answered."""
    codes = []
    async with pair() as between:
        ours, theirs = await between.call()
        reports = Reports()
        ours.handlers.notify = reports.take
        for headers, body in notifies:
            said = {name.lower() for name, _ in headers}
            event = [] if "event" in said else [("Event", "refer")]
            answer = await theirs.send("NOTIFY", headers=[*event, *headers], body=body)
            assert answer is not None
            codes.append(answer.status_code)
        await asyncio.sleep(0)
        return (reports.outcome.result() if reports.outcome.done() else None), codes


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([OVER, SIPFRAG], b"SIP/2.0 200 OK\r\n"),
        ([ACTIVE, SIPFRAG], b"SIP/2.0 200 OK"),
        ([OVER, ("Content-Type", "Message/SIPfrag")], b"sip/2.0 200 ok\n"),
        ([OVER, ("Content-Type", "text/plain")], b"\r\nSIP/2.0 202 Accepted\r\n\r\n"),
        ([OVER], b"SIP/2.0  200\r\n"),
        ([("Subscription-State", "TERMINATED")], b"SIP/2.0 200 OK\r\nTo: <sip:a@b>;tag=1\r\n\r\n"),
        ([], b"SIP/2.0 299 Odd\r"),
        ([("Event", "Refer;id=2"), OVER], b"SIP/2.0 200 OK\r\n"),
    ],
)
async def test_a_final_status_is_read_however_it_is_wrapped(headers: Headers, body: bytes) -> None:
    found, codes = await outcome((headers, body))

    assert found is not None
    assert found.went_well
    assert codes == [200]


@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        (b"SIP/2.0 486 Busy Here\r\n", 486, "its new call came to 486 Busy Here"),
        (b"SIP/2.0 503\r\n", 503, "its new call came to 503"),
        (b"SIP/2.0 603 Decline\nReason: x\n", 603, "its new call came to 603 Decline"),
        (b"SIP/2.0 302 Moved\r\n", 302, "its new call came to 302 Moved"),
    ],
)
async def test_a_status_that_is_no_success_is_said(body: bytes, code: int, why: str) -> None:
    found, _ = await outcome(([ACTIVE, SIPFRAG], b"SIP/2.0 100 Trying\r\n"), ([OVER], body))

    assert found == Outcome(code, why)
    assert not found.went_well


@pytest.mark.parametrize(
    ("notifies", "why"),
    [
        (
            [([ACTIVE], b"SIP/2.0 180 Ringing\r\n"), ([OVER], b"")],
            "the phone ended its report after 180 Ringing: it has nothing more to report",
        ),
        (
            [([("Subscription-State", "terminated;reason=timeout")], b"SIP/2.0 100 Trying\r\n")],
            "the phone ended its report after 100 Trying: its time for reporting ran out",
        ),
        (
            [([("Subscription-State", 'Terminated ; Reason="Rejected"')], b"")],
            "the phone ended its report after nothing that can be read: its user declined",
        ),
        (
            [([("Subscription-State", "terminated")], b"INVITE sip:a@b SIP/2.0\r\n")],
            "the phone ended its report after nothing that can be read: without a reason",
        ),
    ],
)
async def test_a_report_that_ends_without_a_status_leaves_it_unknown(
    notifies: list[Notify], why: str
) -> None:
    found, _ = await outcome(*notifies)

    assert found == Outcome(why=why)
    assert not found.known


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([ACTIVE], b"SIP/2.0 100 Trying\r\n"),
        ([ACTIVE], b"SIP/2.0 180 Ringing\r\n"),
        ([ACTIVE], b""),
        ([ACTIVE], b"SIP/2.0 20 OK\r\n"),
        ([ACTIVE], b"HTTP/1.1 200 OK\r\n"),
        ([("Subscription-State", "pending")], b"\xff\xfe"),
    ],
)
async def test_anything_else_is_waited_on(headers: Headers, body: bytes) -> None:
    found, codes = await outcome((headers, body))

    assert found is None
    assert codes == [200]


@pytest.mark.parametrize("event", ["presence", "dialog", "", "referred", "refer2;id=1"])
async def test_another_event_is_none_of_ours(event: str) -> None:
    found, codes = await outcome(([("Event", event), OVER], b"SIP/2.0 200 OK\r\n"))

    assert (found, codes) == (None, [489])


async def test_the_first_final_status_counts() -> None:
    found, codes = await outcome(
        ([ACTIVE], b"SIP/2.0 200 OK\r\n"), ([OVER], b"SIP/2.0 486 Busy Here\r\n")
    )

    assert found == Outcome(200)
    assert codes == [200, 200]


async def test_each_way_not_to_say_it_has_its_own_sentence() -> None:
    """A phone that takes the REFER and says nothing, one that only rings, one that hangs up."""
    silent, ringing = Reports(), Reports()
    async with pair() as between:
        ours, theirs = await between.call()
        ours.handlers.notify = ringing.take
        await theirs.send(
            "NOTIFY", headers=[("Event", "refer"), ACTIVE], body=b"SIP/2.0 180 Ringing\r\n"
        )

    sentences = [
        silent.too_late(30).why,
        ringing.too_late(30).why,
        silent.over(hung_up=True).why,
        ringing.over(hung_up=True).why,
        ringing.over(hung_up=False).why,
    ]
    assert len(set(sentences)) == len(sentences)
    assert "180 Ringing" in sentences[1]
    assert all("\n" not in sentence for sentence in sentences)


def test_each_refusal_of_the_refer_has_its_own_sentence() -> None:
    codes = [None, 401, 405, 481, 603]

    assert len({refused(code, "x") for code in codes}) == len(codes)
    assert refused(501, "Not Implemented").endswith("does not know REFER (501 Not Implemented)")
