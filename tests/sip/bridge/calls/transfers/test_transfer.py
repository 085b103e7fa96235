"""What becomes of a REFER of ours, and how truly it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from sip.bridge.calls.transfers.transfer import Transfer
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.signalling.server_transaction import ServerTransaction
from tests.sip.bridge.caller import Caller, Phones
from tests.sip.bridge.calls.transfers.bare_leg import Leg, bare_leg
from tests.sip.bridge.calls.transfers.conftest import PLAN
from tests.sip.bridge.person import until

TO = "sip:200@pbx.example"
Says = Sequence[tuple[str, bytes]]


@pytest.fixture
async def leg() -> AsyncIterator[Leg]:
    async with bare_leg(PLAN % 5070) as made:
        yield made


@pytest.fixture
async def phone(line: Phones, leg: Leg) -> AsyncIterator[Caller]:
    async with Caller(line, leg.endpoint.transport.address, "room") as caller:
        assert await caller.dial() == 200
        await until(lambda: leg.in_room("room").dialog)
        yield caller


async def referred(
    leg: Leg,
    phone: Caller,
    says: Says = (),
    *,
    answers: int = 202,
    hangs_up: bool = False,
    patience: float = 5.0,
    headers: tuple[tuple[str, str], ...] = (),
) -> RpcError | None:
    """Refers the phone, which says these states and bodies; what came of it."""
    dialog = phone.dialog
    assert dialog is not None
    tasks: set[asyncio.Task[None]] = set()

    async def report() -> None:
        for state, body in says:
            about = [("Event", "refer"), ("Subscription-State", state)]
            await dialog.send("NOTIFY", headers=about, body=body)
        if hangs_up:
            await dialog.bye()

    def refer(transaction: ServerTransaction) -> None:
        transaction.respond(answers, headers=headers)
        tasks.add(asyncio.create_task(report()))

    dialog.handlers.refer = refer
    call = leg.in_room("room")
    try:
        await Transfer(call, call.updates, TO).run({}, patience)
    except RpcError as error:
        return error
    finally:
        await asyncio.gather(*tasks)
    return None


@pytest.mark.parametrize(
    ("says", "hangs_up", "what", "part"),
    [
        ([("active", b"SIP/2.0 486 Busy Here\r\n")], False, "failed", "came to 486 Busy Here"),
        ([("terminated;reason=timeout", b"")], False, "unknown", "its time for reporting ran out"),
        ([("terminated;reason=rejected", b"SIP/2.0 100 T")], False, "unknown", "user declined"),
        ([("terminated", b"SIP/2.0 180 Ringing\n")], False, "unknown", "after 180 Ringing"),
        ([], True, "unknown", "the phone hung up, and nothing was said"),
        ([("active", b"SIP/2.0 100 Trying\r\n")], True, "unknown", "had said 100 Trying"),
        ([], False, "unknown", "accepted it and then said nothing of it for 0.5 s"),
        ([("active", b"SIP/2.0 180 Ringing\r\n")], False, "unknown", "said 180 Ringing, and not"),
    ],
)
async def test_what_did_not_go_well_is_told_as_it_was(
    leg: Leg, phone: Caller, says: Says, hangs_up: bool, what: str, part: str
) -> None:
    """A failure is one only if the phone said so; else it is not known, and why."""
    error = await referred(leg, phone, says, hangs_up=hangs_up, patience=0.5)

    assert error is not None
    assert [one.what for one in leg.problems] == [f"transfer_{what}"]
    assert part in leg.problems[0].detail
    assert part in error.message
    assert TO in leg.problems[0].detail


@pytest.mark.parametrize(
    ("code", "part"),
    [
        (403, "refuses to be transferred (403"),
        (405, "does not know REFER"),
        (407, "wants a password"),
        (481, "no such call any more"),
        (603, "refuses to be transferred (603"),
    ],
)
async def test_a_refer_that_is_not_taken(leg: Leg, phone: Caller, code: int, part: str) -> None:
    """A failure of its own, with the phone's status for whoever asked."""
    error = await referred(leg, phone, answers=code)

    assert error is not None
    assert len(error.details) == 1
    assert [one.what for one in leg.problems] == ["transfer_failed"]
    assert part in leg.problems[0].detail


@pytest.mark.parametrize("answers", [200, 202])
async def test_a_transfer_that_went_well_says_nothing(
    leg: Leg, phone: Caller, answers: int
) -> None:
    says = [("active", b"SIP/2.0 100 Trying\r\n"), ("terminated", b"SIP/2.0 200 OK\r\n")]
    error = await referred(leg, phone, says, answers=answers)
    async with asyncio.timeout(5):
        await phone.bye.wait()

    assert error is None
    assert leg.problems == []


async def test_a_phone_that_never_reports_is_believed_and_said_to(leg: Leg, phone: Caller) -> None:
    """`Refer-Sub: false` in its answer: accepted, and more will not be known."""
    error = await referred(leg, phone, headers=(("Refer-Sub", "false"),))

    assert error is None
    assert [one.what for one in leg.problems] == ["transfer_unknown"]
    assert "does not report how it went" in leg.problems[0].detail


async def test_one_transfer_at_a_time(leg: Leg, phone: Caller) -> None:
    call = leg.in_room("room")
    first = asyncio.create_task(referred(leg, phone, patience=0.5))
    await until(lambda: call.being_transferred)
    with pytest.raises(RpcError, match="another transfer"):
        await Transfer(call, call.updates, TO).run({}, 1.0)
    await first

    assert not call.being_transferred
