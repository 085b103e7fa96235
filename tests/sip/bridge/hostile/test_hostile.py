"""Messages that are odd, broken or meant to harm: the leg lives and the next call is served."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling.message import answers_to, check
from sip.bridge.signalling.reading.parse import BadMessageError, parse
from tests.sip.bridge.caller import Caller, Phones
from tests.sip.bridge.hostile.mutation import mutants
from tests.sip.bridge.hostile.rfcs.rfc4475_broken import BROKEN, all_messages
from tests.sip.bridge.hostile.rfcs.rfc4475_legal import LEGAL
from tests.sip.bridge.person import person, until
from tests.sip.bridge.world import World, number, room_of

MUTANTS = 10_000
STRANGER = "127.0.0.2"
"""Another address than that of the test's phones, with its own rates at the guard."""


def read(raw: bytes) -> str:
    """`request`, `response`, or the code that a message is refused with."""
    try:
        found = parse(raw)
        if isinstance(found, SipResponse):
            answers_to(found)
            return "response"
        assert isinstance(found, SipRequest)
        check(found, (STRANGER, 5070))
    except BadMessageError as bad:
        return str(bad.code)
    return "request"


@pytest.mark.parametrize("name", LEGAL)
def test_legal_messages_are_read_however_odd(name: str) -> None:
    """RFC 4475 §3.1.1: all of these must be accepted by a parser."""
    assert read(LEGAL[name].replace(b"{port}", b"5070")) in ("request", "response")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("3.1.2.2 Content-Length larger than the message", "400"),
        ("3.1.2.3 negative Content-Length", "400"),
        ("3.1.2.4 request scalar fields with overlarge values", "400"),
        ("3.1.2.8 malformed Request-URI with embedded LWS", "400"),
        ("3.1.2.16 unknown protocol version", "505"),
        ("3.1.2.17 start line and CSeq method mismatch", "400"),
        ("3.1.2.18 unknown method with a CSeq method mismatch", "400"),
        ("3.1.2.19 overlarge response code", "0"),
        ("3.3.1 missing required header fields", "400"),
        ("3.3.8 multiple values in single-value required fields", "400"),
    ],
)
def test_broken_messages_are_refused_with_the_code_of_the_standard(name: str, answer: str) -> None:
    """RFC 4475 §3.1.2, where it says what to answer; 0 is no answer at all."""
    assert read(BROKEN[name].replace(b"{port}", b"5070")) == answer


def test_an_invite_of_the_first_sip_is_read() -> None:
    """RFC 4475 §3.4.1: neither a branch nor a tag."""
    assert (
        read(BROKEN["3.4.1 INVITE with RFC 2543 syntax"].replace(b"{port}", b"5070")) == "request"
    )


def test_no_mutant_gets_anything_out_of_the_parser_but_a_refusal() -> None:
    """Whatever the bytes: a request, a response or BadMessageError."""
    kinds = {read(raw) for raw in mutants(MUTANTS)}

    assert {"request", "400"} <= kinds


@pytest.mark.stack
async def test_torture_messages_leave_the_leg_alive(world: World, line: Phones) -> None:
    """All of them by UDP, the leg still answers, and a call is served."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((STRANGER, 0))
        for raw in all_messages(stranger.getsockname()[1]).values():
            stranger.sendto(raw, world.sip)
            await asyncio.sleep(0.01)

    await a_call_is_served(world, line, number(40))


@pytest.mark.stack
async def test_torture_messages_over_tcp_leave_the_leg_alive(world: World, line: Phones) -> None:
    """A stream without sense is closed; others are served."""
    for raw in all_messages(5070).values():
        _, writer = await asyncio.open_connection(*world.sip)
        writer.write(raw)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    await a_call_is_served(world, line, number(41))


@pytest.mark.stack
async def test_ten_thousand_mutants_leave_the_leg_alive(world: World, line: Phones) -> None:
    """All read, none fatal, nothing left over, and the next call is served."""
    before = world.metric("received")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((STRANGER, 0))
        for index, raw in enumerate(mutants(MUTANTS)):
            stranger.sendto(raw, world.sip)
            if index % 100 == 99:
                await _read_so_far(world, before + 0.95 * index)
    await a_call_is_served(world, line, number(42))

    assert world.process.poll() is None
    assert world.metric("received") - before > MUTANTS * 0.95
    assert _first_failure(world) == ""


def _first_failure(world: World) -> str:
    """What the leg logged of its first unexpected error."""
    _, found, rest = world.log.read_text().partition("Traceback")
    return found + rest[:3000]


async def _read_so_far(world: World, count: float) -> None:
    """Not faster than the leg reads, or the kernel throws away what was to be tested."""
    for _ in range(50):
        if world.metric("received") >= count:
            return
        await asyncio.sleep(0.02)


async def a_call_is_served(world: World, line: Phones, called: str) -> None:
    async with (
        person(world.livekit, room_of(called)) as agent,
        Caller(line, world.sip, called) as caller,
    ):
        agent.hz = 440
        code = await caller.dial()
        await until(lambda: caller.heard_tone(440) > 0.9)

    assert code == 200
