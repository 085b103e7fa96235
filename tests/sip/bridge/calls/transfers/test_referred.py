"""A telephone transfers its call to what the plan names, over real sockets and without a room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from dialplans.contracts.events import Ended, HandedOver
from tests.sip.bridge.callee import Callee, callee
from tests.sip.bridge.caller import Caller, Phones
from tests.sip.bridge.calls.transfers.bare_leg import Leg, bare_leg
from tests.sip.bridge.calls.transfers.conftest import OURS, PLAN, REJECTING, Referring
from tests.sip.bridge.person import until
from tests.sip.bridge.world import number


@pytest.fixture
async def ann() -> AsyncIterator[Callee]:
    async with callee() as made:
        yield made


@pytest.fixture
async def leg(ann: Callee) -> AsyncIterator[Leg]:
    async with bare_leg(PLAN % ann.address[1]) as made:
        yield made


@pytest.fixture
async def boss(line: Phones, leg: Leg) -> AsyncIterator[Caller]:
    async with Caller(line, leg.endpoint.transport.address, "room") as caller:
        assert await caller.dial() == 200
        await until(lambda: leg.in_room("room").dialog)
        yield caller


@pytest.mark.parametrize(
    "to",
    [
        "<sip:200@127.0.0.1>",
        '"Ann, or else" <sip:200@pbx.example;user=phone>;x=1',
        "sip:200@127.0.0.1;transport=udp",
        "<tel:200>",
        "<sip:%3200@127.0.0.1;method=INVITE?Subject=hello>",
    ],
)
async def test_whom_it_names_takes_its_place(leg: Leg, boss: Caller, ann: Callee, to: str) -> None:
    """202, then 100, 180 and 200 (RFC 3515 §2.4.5), the last of them the end of the report."""
    ann.rings_for = 0.2
    call = leg.in_room("room")
    referring = Referring(boss)
    code = await referring.refer(to)
    told = await referring.over()
    async with asyncio.timeout(5):
        await boss.bye.wait()

    assert code == 202
    assert told == ["SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"]
    assert referring.states[-1] == "terminated;reason=noresource"
    assert all(state.startswith("active;expires=") for state in referring.states[:-1])
    assert {one.header("event") for one in referring.notifies} == {"refer"}
    assert not call.ending.done()
    moved = leg.events[-1]
    assert isinstance(moved, HandedOver)
    assert (moved.frm, moved.to) == ("trunk pbx", "target ann")


@pytest.mark.parametrize(
    ("line_of", "to", "code"),
    [
        ("trunk plain", "<sip:200@127.0.0.1>", 603),
        ("trunk gone", "<sip:200@127.0.0.1>", 603),
        ("telephone ann", "<sip:200@127.0.0.1>", 603),
        ("", "<sip:200@127.0.0.1>", 603),
        ("trunk pbx", "<sip:999@127.0.0.1>", 404),
        ("trunk pbx", f"<sip:{number(99)}@127.0.0.1>", 404),
        ("trunk pbx", f"<sip:{REJECTING}@127.0.0.1>", 486),
        ("trunk pbx", "<sips:200@127.0.0.1>", 416),
        ("trunk pbx", "<mailto:ann@example>", 416),
        ("trunk pbx", "<sip:200@127.0.0.1;method=BYE>", 501),
        ("trunk pbx", "<sip:200@127.0.0.1>, <sip:202@127.0.0.1>", 400),
        ("trunk pbx", "200", 400),
        ("trunk pbx", "<sip:200@127.0.0.1?Replaces=x>", 400),
        ("trunk pbx", "<sip:200@198.51.100.7?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>", 403),
        ("trunk pbx", "<sip:200@other.example?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>", 403),
    ],
)
async def test_anything_else_is_refused_at_once(
    leg: Leg, line: Phones, ann: Callee, line_of: str, to: str, code: int
) -> None:
    """Without a NOTIFY; nobody is called, the call goes on, and what is the plan's doing stands in
    the record in one sentence."""
    leg.line = line_of
    async with Caller(line, leg.endpoint.transport.address, "room") as caller:
        await caller.dial()
        await until(lambda: leg.in_room("room").dialog)
        referring = Referring(caller)
        answered = await referring.refer(to)

        assert answered == code
        assert referring.notifies == []
        assert ann.invites == []
        assert not caller.bye.is_set()
        declined = [one.detail for one in leg.problems]
        assert len(declined) == (1 if code in (603, 404, 403, 486) else 0)
        assert all(f"({code})." in sentence for sentence in declined)


async def test_two_refer_to_headers_are_one_too_many(leg: Leg, boss: Caller, ann: Callee) -> None:
    code = await Referring(boss).refer("<sip:200@h>", ("Refer-To", "<sip:202@h>"))
    without = await boss.ask("REFER", b"", ("X-Y", "z"))

    assert (code, without.status_code) == (400, 400)
    assert ann.invites == []


@pytest.mark.parametrize(("refuses", "cause"), [(486, "busy"), (603, "declined"), (500, "")])
async def test_who_cannot_be_reached_changes_nothing(
    leg: Leg, boss: Caller, ann: Callee, refuses: int, cause: str
) -> None:
    """Told with its status; the record says why, and the next try tells its reports apart."""
    ann.refuse_with = refuses
    before = leg.in_room("room").dialog
    referring = Referring(boss)
    await referring.refer("<sip:200@127.0.0.1>")
    told = await referring.over()
    ann.refuse_with = 0
    again = Referring(boss)
    await again.refer("<sip:200@127.0.0.1>")
    told_again = await again.over()

    assert told[-1].startswith(f"SIP/2.0 {refuses} ")
    assert before is not None
    assert [one.what for one in leg.problems] == ["transfer_failed"]
    assert f"answered {refuses}" in leg.problems[0].detail
    assert told_again[-1] == "SIP/2.0 200 OK"
    assert all("id=" in (one.header("event") or "") for one in again.notifies)


async def test_one_at_a_time(leg: Leg, boss: Caller, ann: Callee) -> None:
    ann.rings_for = 0.5
    first = Referring(boss)
    codes = [await first.refer("<sip:200@127.0.0.1>")]
    codes.append(await first.refer("<sip:200@127.0.0.1>"))
    await first.over()

    assert codes == [202, 491]
    assert len(ann.invites) == 1


@pytest.mark.parametrize("reached", [True, False])
async def test_a_telephone_may_hang_up_as_soon_as_its_refer_is_taken(
    leg: Leg, boss: Caller, ann: Callee, reached: bool
) -> None:
    """Its call goes on with whom it named; where nobody comes of it, it is over."""
    ann.rings_for, ann.refuse_with = 0.4, 0 if reached else 486
    call = leg.in_room("room")
    await Referring(boss).refer("<sip:200@127.0.0.1>")
    await boss.hang_up()
    if reached:
        await until(lambda: ann.dialog)
        await until(lambda: any(isinstance(event, HandedOver) for event in leg.events))
        assert not call.ending.done()
        assert call.dialog is not None
        assert not call.dialog.closed
    else:
        await until(lambda: any(isinstance(event, Ended) for event in leg.events))
        assert [one.what for one in leg.problems] == ["transfer_failed"]


@pytest.mark.parametrize("value", ["false", "False ; x=1"])
async def test_who_wants_no_report_gets_none(
    leg: Leg, boss: Caller, ann: Callee, value: str
) -> None:
    """RFC 4488, said back in the answer."""
    referring = Referring(boss)
    headers = (("Refer-Sub", value), ("Require", "norefersub"))
    code = await referring.refer("<sip:200@127.0.0.1>", *headers)
    async with asyncio.timeout(5):
        await boss.bye.wait()

    assert code == 202
    assert referring.answer is not None
    assert referring.answer.get_header("refer-sub") == "false"
    assert referring.notifies == []


async def test_who_does_not_listen_is_not_told_again(leg: Leg, boss: Caller, ann: Callee) -> None:
    """481 to a NOTIFY ends the subscription, and not the transfer."""
    referring = Referring(boss, notify_with=481)
    await referring.refer("<sip:200@127.0.0.1>")
    async with asyncio.timeout(5):
        await boss.bye.wait()

    assert referring.told == ["SIP/2.0 100 Trying"]
    assert len(ann.invites) == 1


async def test_a_number_of_ours_goes_by_its_rules(leg: Leg, boss: Caller) -> None:
    """To a persona; nobody holds this call, so nobody can take it there: told as 503."""
    referring = Referring(boss)
    code = await referring.refer(f"<sip:{OURS}@127.0.0.1>")
    told = await referring.over()

    assert code == 202
    assert told[-1].startswith("SIP/2.0 503")
    assert "persona reception" in leg.problems[0].detail
