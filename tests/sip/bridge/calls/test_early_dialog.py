"""What a phone may ask while it still rings, on the real stack."""

from __future__ import annotations

import asyncio

import pytest
from livekit import api

from dialplans.contracts.events import Refused
from tests.sip.bridge.caller import Caller, Phones
from tests.sip.bridge.descriptions import CONTENT_TYPE, describe
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, number, room_of

pytestmark = pytest.mark.stack

REL = (("Require", "100rel"),)


async def test_a_call_is_asked_and_told_in_while_it_rings(world: World, line: Phones) -> None:
    """The 180 makes the dialog that the 200 goes on with (RFC 3261 §12.1): same tag, a Contact, and
    the numbers go on. An offer before the first is answered may come later (RFC 3311 §5.2)."""
    called = number(22)
    async with Caller(line, world.sip, called) as caller:
        caller.ring()
        ringing = await caller.provisional(180)
        assert ringing is not None
        assert ringing.headers.get("contact")
        assert "UPDATE" in ringing.headers.get("allow")
        caller.codes.remove(180)
        early = caller.dialog_of(ringing)
        update = await early.send("UPDATE", headers=[("x", "1800;refresher=uac"), ("k", "timer")])
        options = await early.send("OPTIONS")
        content = [("Content-Type", CONTENT_TYPE)]
        body = describe(caller.local)
        offer = await early.ask("UPDATE", headers=content, body=body).final()
        early.close()
        async with person(world.livekit, room_of(called)) as agent:
            agent.hz = 440
            code = await caller.final()
            assert caller.dialog is not None
            caller.dialog.cseq = early.cseq
            await until(lambda: caller.heard_tone(440) > 0.9)
            info = await caller.dialog.send("INFO")

    assert update is not None
    assert options is not None
    assert offer is not None
    assert info is not None
    assert (update.status_code, options.status_code, code, info.status_code) == (200,) * 4
    assert update.get_header("session-expires") is None
    assert (offer.status_code, bool(offer.get_header("retry-after"))) == (500, True)
    assert caller.answer is not None
    assert early.ends.remote == caller.answer.get_header("to")


async def test_a_key_pressed_while_it_rings_is_heard_when_somebody_is_there(
    world: World, line: Phones
) -> None:
    called = number(23)
    async with Caller(line, world.sip, called) as caller:
        caller.ring()
        ringing = await caller.provisional(180)
        assert ringing is not None
        early = caller.dialog_of(ringing)
        await asyncio.sleep(0.5)
        body = b"Signal= 11\r\nDuration= 160\r\n"
        pressed = await early.send(
            "INFO", headers=[("Content-Type", "application/dtmf-relay")], body=body
        )
        early.close()
        async with person(world.livekit, room_of(called)) as agent:
            await caller.final()
            assert caller.dialog is not None
            caller.dialog.cseq = early.cseq
            await until(lambda: agent.keys == ["#"])

    assert pressed is not None
    assert pressed.status_code == 200


async def test_a_bye_while_it_rings_ends_the_call(world: World, line: Phones) -> None:
    """200 to the BYE and 487 to the INVITE (RFC 3261 §15.1.2)."""
    called = number(24)
    async with Caller(line, world.sip, called) as caller:
        caller.ring()
        ringing = await caller.provisional(180)
        assert ringing is not None
        early = caller.dialog_of(ringing)
        bye = await early.ask("BYE").final()
        early.close()
        code = await caller.final()

    event = await world.event("refused", called)
    assert bye is not None
    assert (bye.status_code, code) == (200, 487)
    assert isinstance(event, Refused)
    assert event.reason == "cancelled"


async def test_ringing_is_acknowledged_where_that_is_required(world: World, line: Phones) -> None:
    """RFC 3262: repeated until the PRACK, and answered like any call."""
    called = number(25)
    async with Caller(line, world.sip, called, headers=REL) as caller:
        caller.ring()
        ringing = await caller.provisional(180)
        assert ringing is not None
        caller.codes.remove(180)
        assert await caller.provisional(180) is not None  # it comes again
        early = caller.dialog_of(ringing)
        rack = f"{ringing.get_header('rseq')} 1 INVITE"
        prack = await early.send("PRACK", headers=[("RAck", rack)])
        early.close()
        async with person(world.livekit, room_of(called)) as agent:
            agent.hz = 440
            code = await caller.final()
            assert caller.dialog is not None
            caller.dialog.cseq = early.cseq
            await until(lambda: caller.heard_tone(440) > 0.9)

    assert prack is not None
    assert (prack.status_code, code) == (200, 200)


async def test_where_our_offer_would_have_to_ring_nothing_rings(world: World, line: Phones) -> None:
    """Reliable ringing without an offer of theirs would have to carry ours (RFC 3262 §5)."""
    called = number(26)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, headers=REL) as caller,
    ):
        agent.hz = 440
        caller.ack_body = describe(caller.local, payload_types=(0,))
        code = await caller.dial(body=b"")
        await until(lambda: caller.heard_tone(440) > 0.9)

    assert (code, caller.codes) == (200, [100, 200])


@pytest.mark.parametrize("answer", [b"", b"v=0\r\n", b"GIF89a"])
async def test_an_ack_without_a_usable_answer_ends_the_call_at_once(
    world: World, line: Phones, answer: bytes
) -> None:
    """Nobody knows where its sound would go."""
    called = number(27)
    async with (
        person(world.livekit, room_of(called)),
        Caller(line, world.sip, called) as caller,
    ):
        caller.ack_body = answer
        code = await caller.dial(body=b"")
        async with asyncio.timeout(5):
            await caller.bye.wait()

    assert code == 200


async def test_a_hang_up_reaches_a_phone_whose_connection_is_gone(
    world: World, line: Phones
) -> None:
    """A proxy closes what is idle; the BYE goes to the Contact over a new connection."""
    called = number(28)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, tcp=True) as caller,
        world.api() as client,
    ):
        agent.hz = 440
        await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)
        for connection in tuple(line.endpoint.transport._connections.open):
            connection.close()
        await client.room.delete_room(api.DeleteRoomRequest(room=room_of(called)))
        async with asyncio.timeout(10):
            await caller.bye.wait()
