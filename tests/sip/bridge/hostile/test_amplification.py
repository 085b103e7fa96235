"""Nobody makes us send more to a third than they have sent to us."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable, Iterator

import pytest
from aiosipua.message import SipResponse

from sip.bridge.signalling.digest import Challenger
from sip.bridge.signalling.message import response
from sip.bridge.signalling.reading.parse import parse
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.timers import TIMEOUT
from sip.bridge.transport.peers import Peers, TrunkAddresses
from tests.sip.bridge.hostile.answering import LOGIN, Answering, answering, pour, sender
from tests.sip.bridge.hostile.makers import ALL, INVITES, OUTSIDE, addressed
from tests.sip.bridge.hostile.mutation import mutants
from tests.sip.bridge.hostile.rfcs.rfc4475_broken import all_messages
from tests.sip.bridge.registrar.desk import desk

pytestmark = pytest.mark.virtual_time(alone=True)

MUTANTS = 2000
OTHERS = TrunkAddresses.of([["192.0.2.0/24"], []])
"""One trunk has addresses, and another a password: whoever else calls is a stranger."""


def asks_for_a_password(transaction: ServerTransaction) -> None:
    """As admission does with everybody whom no trunk names."""
    transaction.respond(100)
    challenge = Challenger().challenge(LOGIN, transaction.request.call_id)
    transaction.respond(407, headers=[("Proxy-Authenticate", challenge)])


@contextlib.asynccontextmanager
async def among_strangers() -> AsyncIterator[Answering]:
    async with answering(peers=Peers(lambda: OTHERS)) as leg:
        leg.endpoint.on_invite = asks_for_a_password
        yield leg


def read_off(listening: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(BlockingIOError):
        while True:
            yield listening.recv(65535)


async def sent_back(leg: Answering, raw: bytes, listening: socket.socket) -> list[bytes]:
    """All that comes until nothing can come any more."""
    listening.sendto(raw, leg.address)
    await asyncio.sleep(2 * TIMEOUT)
    return list(read_off(listening))


@pytest.mark.parametrize("name", ALL)
async def test_no_answer_to_a_stranger_is_longer_than_what_was_asked(name: str) -> None:
    """Nor are all of them together: what is not acknowledged is not said again either."""
    async with among_strangers() as leg:
        with sender() as listening:
            raw = addressed(ALL[name], 1, listening.getsockname()[1], tag="x")
            back = await sent_back(leg, raw, listening)

    assert sum(map(len, back)) <= len(raw)
    assert leg.problems == []


async def test_nor_are_the_answers_to_odd_ones_and_mutants() -> None:
    back: list[int] = []
    async with among_strangers() as leg:
        with sender() as listening:
            port = listening.getsockname()[1]
            every = (*all_messages(port).values(), *mutants(MUTANTS, port=port))
            await pour(leg, every, listening, lambda: back.extend(map(len, read_off(listening))))
            await asyncio.sleep(2 * TIMEOUT)
            back.extend(map(len, read_off(listening)))

    assert sum(back) <= sum(map(len, every))
    assert len(back) > MUTANTS / 10
    assert leg.problems == []


def codes(back: Iterable[bytes]) -> list[int]:
    found = [parse(raw) for raw in back]
    return [one.status_code for one in found if isinstance(one, SipResponse)]


@pytest.mark.parametrize("name", INVITES)
async def test_who_has_the_password_is_asked_for_it_all_the_same(name: str) -> None:
    """A challenge fits into what telephones and carriers send."""
    async with among_strangers() as leg:
        with sender() as listening:
            raw = addressed(INVITES[name], 1, listening.getsockname()[1])
            back = await sent_back(leg, raw, listening)

    assert codes(back) in ([407], [400])  # without a Contact nobody can call


@pytest.mark.parametrize("name", ["scanner", "message", "subscribe", "publish", "ntlm", "register"])
async def test_what_is_asked_outside_of_calls_is_answered_in_few_words(name: str) -> None:
    async with among_strangers() as leg:
        with sender() as listening:
            raw = addressed(OUTSIDE[name], 1, listening.getsockname()[1])
            back = await sent_back(leg, raw, listening)

    assert len(codes(back)) == 1


async def test_what_has_no_room_for_its_answer_gets_none() -> None:
    """A REGISTER of fewer headers than any telephone's; by TCP it has all the room it wants."""
    async with among_strangers() as leg:
        with sender() as listening:
            raw = addressed(OUTSIDE["fetch"], 1, listening.getsockname()[1])
            back = await sent_back(leg, raw, listening)
        reader, writer = await asyncio.open_connection(*leg.address)
        writer.write(raw.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()

    assert back == []
    assert answer.startswith(b"SIP/2.0 401 ")


async def test_a_retransmission_is_answered_again() -> None:
    """As often as it is asked, and no more often."""
    async with among_strangers() as leg:
        with sender() as listening:
            raw = addressed(INVITES["carrier"], 1, listening.getsockname()[1])
            listening.sendto(raw, leg.address)
            listening.sendto(raw, leg.address)
            back = await sent_back(leg, raw, listening)

    assert codes(back) == [407] * 3


@pytest.mark.parametrize(("agent", "offered"), [("Desk 1.0", 1), ("Desk 1.0 " * 20, 2)])
async def test_a_telephone_registers_from_anywhere(agent: str, offered: int) -> None:
    """Its address is proved by the password, and from then on it is told everything. Before, it is
    offered both algorithms if there is room for two."""
    async with among_strangers() as leg, desk(leg.address, "127.0.0.9") as ann:
        asked = await ann.ask((ann.contact,), {"User-Agent": agent})
        answer = await ann.register(ann.contact, Expires="300")
        again = await ann.register(ann.contact, Expires="300")

    assert len(asked.headers.get("www-authenticate")) == offered
    assert (answer.status_code, again.status_code) == (200, 200)


async def test_a_stranger_with_a_connection_is_there_and_is_told_everything() -> None:
    """Nobody connects from an address of somebody else."""
    async with among_strangers() as leg:
        reader, writer = await asyncio.open_connection(*leg.address)
        raw = addressed(OUTSIDE["scanner"], 1, 5070).replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")
        writer.write(raw)
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()

    full = response(parse(raw), 200, "OK")  # type: ignore[arg-type]
    assert b"\r\nAllow: " in answer
    assert len(answer) > len(bytes(full))
