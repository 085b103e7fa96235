"""Ringing that has to be acknowledged (RFC 3262)."""

from __future__ import annotations

import asyncio

import pytest
from aiosipua.message import SipResponse

from sip.bridge.signalling.client_transaction import ClientTransaction
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.dialogs.reliable_provisional import ReliableProvisional
from sip.bridge.signalling.timers import TIMEOUT
from tests.sip.bridge.signalling.pair import Pair, pair

pytestmark = pytest.mark.virtual_time(alone=True)


async def rung(between: Pair) -> tuple[ClientTransaction, SipResponse, list[str]]:
    """Our side of a call that rings reliably, its first 180, and what the other has given up."""
    asked, served = await between.invite([("Require", "100rel")])
    given_up: list[str] = []
    ringing = ReliableProvisional(served, lambda: given_up.append("up"))
    Dialog.answering(between.far, served).handlers.prack = ringing.acknowledge
    ringing.send(180)
    response = await asked.next()
    assert response is not None
    return asked, response, given_up


def early(between: Pair, asked: ClientTransaction, ringing: SipResponse) -> Dialog:
    return Dialog.calling(between.near, asked, ringing)


async def test_ringing_comes_again_until_it_is_acknowledged() -> None:
    async with pair() as between:
        asked, first, _ = await rung(between)
        received = between.near.counters.received
        await asyncio.sleep(1.8)
        repeated = between.near.counters.received - received
        rack = f"{first.get_header('rseq')} 1 INVITE"
        response = await early(between, asked, first).send("PRACK", headers=[("RAck", rack)])
        received = between.near.counters.received
        await asyncio.sleep(20)
        after = between.near.counters.received - received

    assert first.headers.get("require") == ["100rel"]
    assert repeated == 2
    assert response is not None
    assert response.status_code == 200
    assert after == 0


@pytest.mark.parametrize(
    ("rack", "code"),
    [("{} 2 INVITE", 481), ("1{} 1 INVITE", 481), ("{} 1 BYE", 481), ("none", 400), ("", 400)],
)
async def test_a_prack_of_something_else_is_refused(rack: str, code: int) -> None:
    async with pair() as between:
        asked, first, _ = await rung(between)
        named = [("RAck", rack.format(int(first.get_header("rseq") or "0") % 10**6))]
        response = await early(between, asked, first).send("PRACK", headers=named)

    assert response is not None
    assert response.status_code == code


async def test_a_caller_who_never_acknowledges_is_refused_after_a_while() -> None:
    async with pair() as between:
        asked, _, given_up = await rung(between)
        await asyncio.sleep(TIMEOUT + 32)
        response = await asked.final()

    assert response is not None
    assert response.status_code == 504
    assert given_up == ["up"]


async def test_a_prack_of_no_reliable_ringing_is_481() -> None:
    async with pair() as between:
        ours, _ = await between.call()
        response = await ours.send("PRACK", headers=[("RAck", "1 1 INVITE")])

    assert response is not None
    assert response.status_code == 481


async def test_what_was_acknowledged_is_not_acknowledged_twice() -> None:
    """The same PRACK again is answered as before; another one for the same ringing is 481."""
    async with pair() as between:
        asked, first, _ = await rung(between)
        dialog = early(between, asked, first)
        named = [("RAck", f"{first.get_header('rseq')} 1 INVITE")]
        answers = [await dialog.send("PRACK", headers=named) for _ in range(2)]

    assert [answer.status_code for answer in answers if answer is not None] == [200, 481]


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("application/sdp", b"v=0\r\n", 500),
        ("Application/SDP ;charset=utf-8", b"v=0\r\n", 500),
        ("multipart/mixed;boundary=x", b"--x\r\n\r\n--x--", 500),
        ("application/isup;version=itu-t92+", b"\x0c\x02", 200),
        ("application/sdp", b"", 200),
    ],
)
async def test_an_offer_in_a_prack_waits_for_our_answer_to_the_first(
    kind: str, body: bytes, code: int
) -> None:
    """The INVITE's is not answered while it rings (RFC 3262 §5). The ringing is acknowledged all
    the same, and does not come again."""
    async with pair() as between:
        asked, first, _ = await rung(between)
        named = [("RAck", f"{first.get_header('rseq')} 1 INVITE"), ("Content-Type", kind)]
        asking = early(between, asked, first).ask("PRACK", headers=named, body=body)
        response = await asking.final()
        received = between.near.counters.received
        await asyncio.sleep(20)
        after = between.near.counters.received - received

    assert response is not None
    assert response.status_code == code
    assert (response.get_header("retry-after") is not None) is (code == 500)
    assert after == 0
