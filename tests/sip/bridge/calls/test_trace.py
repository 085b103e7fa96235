"""What a call leaves of itself on the real stack: every message, and how it sounded."""

from __future__ import annotations

import asyncio
import socket

import pytest
from livekit import api

from dialplans.contracts import why
from dialplans.contracts.events import Ended, Event, Signalled
from dialplans.contracts.sip_message import SipMessage
from sip.bridge.signalling.digest import Login
from tests.sip.bridge.callee import callee
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import LOGIN, UNKNOWN, World, number, room_of

pytestmark = pytest.mark.stack

FIRST_REPORTS = 4.0
"""Seconds until both sides have told each other how they hear."""


def messages(events: list[Event]) -> list[SipMessage]:
    """Of one dialogue, each as it was told last."""
    told = (m for event in events if isinstance(event, Signalled) for m in event.messages)
    return sorted({m.n: m for m in told}.values(), key=lambda m: m.n)


def names(found: list[SipMessage]) -> list[str]:
    return [
        f"{'<' if m.sent else '>'}{m.text.split(' ')[m.text.startswith('SIP/')]}" for m in found
    ]


async def ladder(world: World, called: str, last: str) -> list[SipMessage]:
    found: list[SipMessage] = []

    async def told() -> None:
        while last not in names(found):
            await asyncio.sleep(0.1)
            found[:] = messages(await world.events(called))

    await asyncio.wait_for(told(), 20)
    return found


async def test_a_call_keeps_its_messages_and_says_how_it_sounded(
    world: World, line: Phones
) -> None:
    """Answered, spoken, a key by INFO, hung up; with a password on the way in."""
    secret, login = "secret", Login("carrier", "secret")
    async with (
        person(world.livekit, room_of(LOGIN)) as agent,
        Caller(line, world.sip, LOGIN, login=login) as caller,
    ):
        caller.playing, agent.hz = tone(1000), 440
        await caller.dial()
        assert caller.dialog is not None
        kind = [("Content-Type", "application/dtmf-relay")]
        await caller.dialog.ask("INFO", headers=kind, body=b"Signal=7\r\nDuration=160\r\n").final()
        await asyncio.sleep(FIRST_REPORTS)
        await caller.hang_up()
        await until(lambda: agent.left)

    found = await ladder(world, LOGIN, ">BYE")
    ended = await world.event("ended", LOGIN)

    seen = [one for one in names(found) if one != "<180"]
    assert seen[:6] == [">INVITE", "<100", "<407", ">ACK", ">INVITE", "<100"]
    assert seen[6:] == ["<200", ">ACK", ">INFO", "<200", ">BYE", "<200"]
    text = "".join(m.text for m in found)
    assert secret not in text
    assert "Proxy-Authorization: Digest •" in text
    assert "Signal=•\r\nDuration=160" in text
    assert [m.at for m in found] == sorted(m.at for m in found)
    assert isinstance(ended, Ended)
    assert ended.codec == "PCMU"
    assert ended.figures["loss_pct"] == ended.figures["loss_sent_pct"] == 0
    assert 4 < ended.figures["mos"] < 4.5
    assert 4 < ended.figures["mos_sent"] < 4.5
    assert 0 <= ended.figures["round_trip_ms"] < 500
    assert 'switchboard_sip_mos_count{direction="received"}' in world.metrics()


async def test_a_refused_call_keeps_its_messages_too(world: World, line: Phones) -> None:
    async with Caller(line, world.sip, UNKNOWN) as caller:
        await caller.dial()

    found = await ladder(world, UNKNOWN, ">ACK")

    assert [one for one in names(found) if one != "<180"] == [">INVITE", "<100", "<404", ">ACK"]
    assert {m.transport for m in found} == {"UDP"}


async def test_messages_over_a_connection_are_kept_as_well(world: World, line: Phones) -> None:
    called = number(90)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called, tcp=True) as caller,
    ):
        await caller.dial()
        await caller.hang_up()
        await until(lambda: agent.left)

    found = await ladder(world, called, ">BYE")

    assert names(found)[0] == ">INVITE"
    assert {m.transport for m in found} == {"TCP"}


async def test_a_call_that_we_make_keeps_its_messages(world: World) -> None:
    room = "call-traced"
    async with callee() as phone, person(world.livekit, room):
        async with world.api() as client:
            await client.sip.create_sip_participant(
                api.CreateSIPParticipantRequest(
                    trunk=api.SIPOutboundConfig(
                        hostname=f"{phone.address[0]}:{phone.address[1]}",
                        transport=api.SIPTransport.SIP_TRANSPORT_UDP,
                    ),
                    sip_number="+498920001000",
                    sip_call_to="+491701111",
                    room_name=room,
                    participant_identity="callee",
                    wait_until_answered=True,
                )
            )
        await phone.hang_up()
        found = await ladder(world, room, ">BYE")

    assert names(found)[0] == "<INVITE"
    assert {">200", "<ACK", ">BYE"} <= set(names(found))
    assert {m.peer for m in found} == {f"{phone.address[0]}:{phone.address[1]}"}


async def test_a_homer_gets_messages_and_reports(world: World, line: Phones) -> None:
    """Of a leg that is told of one; by the same Call-ID."""
    called, loop = number(91), asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as homer:
        homer.bind(("127.0.0.1", 0))
        homer.setblocking(False)
        port = homer.getsockname()[1]
        got: list[bytes] = []
        with world.sibling({"SWITCHBOARD_SIP_HEP": f"127.0.0.1:{port};id=7"}) as leg:
            async with (
                person(world.livekit, room_of(called)) as agent,
                Caller(line, leg.sip, called) as caller,
            ):
                await caller.dial()
                async with asyncio.timeout(20):
                    while not any(b'"sender_information"' in copy for copy in got):
                        got.append(await loop.sock_recv(homer, 65536))
                await caller.hang_up()
                await until(lambda: agent.left)
                name = caller.call_id.encode()
            await leg.nothing_left()

    assert all(copy.startswith(b"HEP3") and name in copy for copy in got)
    assert any(b"INVITE sip:" in copy for copy in got)
    assert any(b"SIP/2.0 200 OK" in copy for copy in got)


async def test_a_call_that_only_one_side_hears_says_so(world: World, line: Phones) -> None:
    """The phone says that it speaks, and nothing of it ever comes."""
    called = number(92)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        caller.silent, agent.hz = True, 440
        await caller.dial()
        await asyncio.sleep(why.ONE_WAY_SECONDS + 0.5)
        await caller.hang_up()
        await until(lambda: agent.left)

    ended = await world.event("ended", called)
    assert isinstance(ended, Ended)
    said = why.ended(ended.cause, ended.code, ended.figures)
    assert said.startswith("One-way: nothing was heard of the phone")
    assert said in world.log.read_text()
