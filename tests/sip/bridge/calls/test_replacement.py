"""Another telephone takes the place of one that is in a call (RFC 3891), on the real stack."""

from __future__ import annotations

import asyncio

import pytest

from sip.bridge.calls.transfers.replacement import Replaces
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.message import check
from sip.bridge.signalling.reading.parse import parse
from tests.sip.bridge.caller import Caller, Phones, tone
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import LOGIN, World, number, room_of


def replaces(caller: Caller, more: str = "") -> tuple[tuple[str, str], ...]:
    """As a telephone system writes it that wants this call."""
    assert caller.dialog is not None
    ends = caller.dialog.ends
    named = f"{ends.call_id};from-tag={ends.local_tag};to-tag={ends.remote_tag}{more}"
    return (("Replaces", named), ("Require", "replaces"))


@pytest.mark.stack
async def test_another_telephone_takes_over_a_call(world: World, line: Phones) -> None:
    """Its sound is heard in the same room, the first telephone gets a BYE, and nothing is a second
    call; when the new one hangs up, that is the end."""
    called = number(29)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as first,
    ):
        first.playing, agent.hz = tone(1000), 440
        await first.dial()
        await until(lambda: agent.heard_tone(1000) > 0.9)
        async with Caller(line, world.sip, called, headers=replaces(first)) as second:
            second.playing = tone(700)
            code = await second.dial()
            async with asyncio.timeout(5):
                await first.bye.wait()
            await until(lambda: second.heard_tone(440) > 0.9)
            await until(lambda: agent.heard_tone(700) > 0.9)
            people = list(agent.room.remote_participants)
            calls = world.health()["calls"]
            await second.hang_up()
            await until(lambda: agent.left)

    ended = await world.event("ended", called)
    assert code == 200
    assert people == ["sip_+4917012345"]
    assert calls == 1
    assert (ended.cause, ended.by) == ("caller_hung_up", "caller")


@pytest.mark.stack
async def test_a_place_that_cannot_be_taken_leaves_the_call_alone(
    world: World, line: Phones
) -> None:
    """No such call, one that is answered where only a ringing one was meant, no sound in common, a
    header that names nothing: refused as RFC 3891 §3 wants, and both still hear each other."""
    called = number(30)
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        agent.hz = 440
        await caller.dial()
        wrong = (("Replaces", "nobody;from-tag=a;to-tag=b"),)
        early = replaces(caller, ";early-only")
        codes = [
            await refused(world, line, called, headers)
            for headers in (wrong, early, (("Replaces", "nobody"),))
        ]
        codes.append(await refused(world, line, called, replaces(caller), b"v=0\r\n"))
        caller.heard.clear()
        await until(lambda: caller.heard_tone(440) > 0.9)

        assert codes == [481, 486, 400, 488]
        assert not caller.bye.is_set()


async def refused(
    world: World,
    line: Phones,
    called: str,
    headers: tuple[tuple[str, str], ...],
    body: bytes | None = None,
) -> int:
    async with Caller(line, world.sip, called, headers=headers) as caller:
        return await caller.dial(body)


@pytest.mark.stack
async def test_who_takes_a_place_proves_what_the_caller_had_to(world: World, line: Phones) -> None:
    right, wrong = Login("carrier", "secret"), Login("carrier", "guessed")
    async with (
        person(world.livekit, room_of(LOGIN)),
        Caller(line, world.sip, LOGIN, login=right) as first,
    ):
        await first.dial()
        headers = replaces(first)
        async with Caller(line, world.sip, LOGIN, login=wrong, headers=headers) as other:
            refusal = await other.dial()
        async with Caller(line, world.sip, LOGIN, login=right, headers=headers) as second:
            code = await second.dial()
            async with asyncio.timeout(5):
                await first.bye.wait()

    assert (refusal, code) == (403, 200)


@pytest.mark.stack
async def test_a_call_that_rings_is_not_replaced(world: World, line: Phones) -> None:
    """We have not called (RFC 3891 §3): 481, and it goes on ringing."""
    called = number(31)
    async with Caller(line, world.sip, called) as caller:
        caller.ring()
        ringing = await caller.provisional(180)
        assert ringing is not None
        caller.dialog = caller.dialog_of(ringing)
        code = await refused(world, line, called, replaces(caller))
        caller.dialog.close()
        caller.dialog = None
        caller.cancel()

        assert code == 481
        assert await caller.final() == 487


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@b;to-tag=1;from-tag=2", Replaces("a@b", "1", "2")),
        ("a@b ; From-Tag = 2 ;early-only; to-tag=1", Replaces("a@b", "1", "2", True)),
        ("a@b;to-tag=1", None),
        (";to-tag=1;from-tag=2", None),
        ("", None),
    ],
)
def test_the_dialog_that_is_meant(value: str, found: Replaces | None) -> None:
    lines = [
        "INVITE sip:a@b SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        "From: <sip:a@b>;tag=1",
        "To: <sip:a@b>",
        "Call-ID: 1",
        "CSeq: 1 INVITE",
        f"Replaces: {value}",
    ]
    raw = parse("\r\n".join([*lines, "", ""]).encode())

    assert Replaces.of(check(raw, ("192.0.2.1", 5060))) == found  # type: ignore[arg-type]
