"""Who was consulted takes over: Replaces within Refer-To, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from dialplans.contracts.events import HandedOver
from sip.bridge.signalling.server_transaction import ServerTransaction
from tests.sip.bridge.callee import Callee, callee
from tests.sip.bridge.caller import Caller, Phones
from tests.sip.bridge.calls.transfers.bare_leg import Leg, bare_leg
from tests.sip.bridge.calls.transfers.conftest import PLAN, Referring
from tests.sip.bridge.person import until


@pytest.fixture
async def ann() -> AsyncIterator[Callee]:
    async with callee() as made:
        yield made


@pytest.fixture
async def leg(ann: Callee) -> AsyncIterator[Leg]:
    async with bare_leg(PLAN % ann.address[1]) as made:
        yield made


def replaces(call_id: str, to_tag: str, from_tag: str) -> str:
    return quote(f"{call_id};to-tag={to_tag};from-tag={from_tag}", safe="")


async def up(line: Phones, leg: Leg, room: str) -> Caller:
    caller = Caller(line, leg.endpoint.transport.address, room)
    await caller.__aenter__()
    assert await caller.dial() == 200
    await until(lambda: leg.in_room(room).dialog)
    return caller


async def test_a_place_on_another_system_is_taken_by_its_own_call(
    line: Phones, leg: Leg, ann: Callee
) -> None:
    """INVITE with Replaces and Referred-By to the address of the line; whom it reaches has the
    call, in the same room, and who referred is hung up on."""
    caller = await up(line, leg, "first")
    call = leg.in_room("first")
    meant = replaces("consult@pbx", "theirs", "mine")
    host, port = ann.address
    referring = Referring(caller)
    code = await referring.refer(
        f"<sip:ann@{host}:{port}?Replaces={meant}&Require=replaces>",
        ("Referred-By", "<sip:boss@pbx>"),
    )
    told = await referring.over()
    async with asyncio.timeout(5):
        await caller.bye.wait()
    invite = ann.invites[-1]
    dialog = call.dialog
    await caller.__aexit__()

    assert code == 202
    assert told[-1] == "SIP/2.0 200 OK"
    assert invite.header("replaces") == "consult@pbx;to-tag=theirs;from-tag=mine"
    assert invite.header("require") == "replaces"
    assert invite.header("referred-by") == "<sip:boss@pbx>"
    assert "?" not in invite.uri
    assert dialog is not None
    assert not dialog.closed
    assert dialog.ends.call_id == invite.call_id
    assert not call.ending.done()
    assert [type(event) for event in leg.events] == [HandedOver]


@pytest.mark.parametrize("refuses", [481, 486, 603])
async def test_a_call_that_is_gone_leaves_everything_as_it_was(
    line: Phones, leg: Leg, ann: Callee, refuses: int
) -> None:
    ann.refuse_with = refuses
    caller = await up(line, leg, "first")
    call = leg.in_room("first")
    before = call.dialog
    host, port = ann.address
    referring = Referring(caller)
    await referring.refer(f"<sip:ann@{host}:{port}?Replaces={replaces('c', 't', 'f')}>")
    told = await referring.over()
    unharmed = call.dialog is before and not caller.bye.is_set()
    await caller.__aexit__()

    assert told[-1].startswith(f"SIP/2.0 {refuses} ")
    assert unharmed
    assert [one.what for one in leg.problems] == ["transfer_failed"]
    assert f"answered {refuses}" in leg.problems[0].detail


async def test_a_telephone_on_our_other_call_comes_to_the_first_one(line: Phones, leg: Leg) -> None:
    """Boss talks in one room, consults Dora in another and transfers: Dora's telephone gets a
    re-INVITE with the port of the first room and has Boss's place there. Boss is hung up on twice,
    and the record of the first room goes on."""
    boss = await up(line, leg, "first")
    first = leg.in_room("first")
    consult = await up(line, leg, "second")
    consulted = leg.in_room("second")
    dora = Caller(line, leg.endpoint.transport.address, "second")
    await dora.__aenter__()
    await dora.dial()
    await until(lambda: sum(1 for one in leg.calls.values() if one.room == "second") == 2)
    phone = next(c for c in leg.calls.values() if c.room == "second" and c is not consulted)
    await until(lambda: phone.dialog)
    assert consult.dialog is not None
    ends = consult.dialog.ends
    referring = Referring(boss)
    meant = replaces(ends.call_id, ends.remote_tag, ends.local_tag)
    code = await referring.refer(f"<sip:second@127.0.0.1?Replaces={meant}>")
    told = await referring.over()
    async with asyncio.timeout(5):
        await asyncio.gather(boss.bye.wait(), consult.bye.wait())
    await until(lambda: phone.ending.done())
    offers = [offer.text for offer in dora.offers]
    same = first.dialog is not None and first.dialog.ends.remote_tag
    dora_tag = dora.dialog.ends.local_tag if dora.dialog is not None else None
    alive = not first.ending.done() and not dora.bye.is_set()
    for phone_of_test in (boss, consult, dora):
        await phone_of_test.__aexit__()

    assert code == 202
    assert told[-1] == "SIP/2.0 200 OK"
    assert len(offers) == 1
    assert f"m=audio {first.media.port} " in offers[0]
    assert same == dora_tag
    assert alive
    assert phone.ending.result().cause == "transferred"


async def test_a_telephone_that_does_not_come_stays_where_it_is(line: Phones, leg: Leg) -> None:
    """The re-INVITE is refused: everybody is where they were, and Boss is told."""
    boss = await up(line, leg, "first")
    consult = await up(line, leg, "second")
    consulted = leg.in_room("second")
    dora = Caller(line, leg.endpoint.transport.address, "second")
    await dora.__aenter__()
    await dora.dial()
    await until(lambda: sum(1 for one in leg.calls.values() if one.room == "second") == 2)
    phone = next(c for c in leg.calls.values() if c.room == "second" and c is not consulted)
    await until(lambda: phone.dialog)
    assert dora.dialog is not None
    assert consult.dialog is not None

    def refuse(transaction: ServerTransaction) -> None:
        transaction.respond(488)

    dora.dialog.handlers.offer = refuse
    ends = consult.dialog.ends
    referring = Referring(boss)
    meant = replaces(ends.call_id, ends.remote_tag, ends.local_tag)
    await referring.refer(f"<sip:second@127.0.0.1?Replaces={meant}>")
    told = await referring.over()
    over = [one.bye.is_set() for one in (boss, consult, dora)]
    ports = phone.renegotiation.negotiation.state.local.port, phone.media.port
    for phone_of_test in (boss, consult, dora):
        await phone_of_test.__aexit__()

    assert told[-1].startswith("SIP/2.0 488")
    assert over == [False, False, False]
    assert ports[0] == ports[1]


async def test_nobody_to_be_joined_and_the_call_of_another(line: Phones, leg: Leg) -> None:
    """A persona on the other line cannot take a telephone's place: 603."""
    boss = await up(line, leg, "first")
    consult = await up(line, leg, "second")
    assert consult.dialog is not None
    ends = consult.dialog.ends
    meant = replaces(ends.call_id, ends.remote_tag, ends.local_tag)
    code = await Referring(boss).refer(f"<sip:second@127.0.0.1?Replaces={meant}>")
    own = boss.dialog
    assert own is not None
    itself = replaces(own.ends.call_id, own.ends.remote_tag, own.ends.local_tag)
    same = await Referring(boss).refer(f"<sip:first@127.0.0.1?Replaces={itself}>")
    for phone_of_test in (boss, consult):
        await phone_of_test.__aexit__()

    assert (code, same) == (603, 403)
