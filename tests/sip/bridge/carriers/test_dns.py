"""Asking a real name server over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sip.bridge.carriers.dns import AWAY_SECONDS, NOTHING_SECONDS, Dns
from sip.bridge.carriers.records import Naptr, Srv
from tests.sip.bridge.carriers.name_server import NameServer, name_server

pytestmark = pytest.mark.virtual_time(alone=True)

ZONE = {
    ("c.example", "NAPTR"): ['10 5 "s" "SIP+D2U" "" _sip._udp.c.example.'],
    ("_sip._udp.c.example", "SRV"): ["1 2 5070 a.c.example.", "3 0 5071 b.c.example."],
    ("none.example", "SRV"): ["0 0 0 ."],
    ("a.c.example", "A"): ["127.0.0.2", "127.0.0.3"],
    ("a.c.example", "AAAA"): ["::1"],
}


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    async with name_server(ZONE) as made:
        yield made


@pytest.fixture
async def names(server: NameServer) -> AsyncIterator[Dns]:
    made = Dns([server.address], clock=asyncio.get_running_loop().time)
    yield made
    await made.aclose()


async def test_records_are_read(names: Dns, server: NameServer) -> None:
    both = Dns([server.address], six=True)

    assert await names.naptr("c.example") == [Naptr(10, 5, "s", "SIP+D2U", "_sip._udp.c.example")]
    assert sorted(await names.srv("_sip._udp.c.example"), key=lambda one: one.priority) == [
        Srv(1, 2, 5070, "a.c.example"),
        Srv(3, 0, 5071, "b.c.example"),
    ]
    assert await names.srv("none.example") == [Srv(0, 0, 0, "")]
    assert sorted(await names.addresses("a.c.example")) == ["127.0.0.2", "127.0.0.3"]
    assert (await both.addresses("a.c.example"))[-1] == "::1"


async def test_an_answer_is_kept_as_long_as_it_says(names: Dns, server: NameServer) -> None:
    server.ttl = 20
    for _ in range(3):
        await names.srv("_sip._udp.c.example")
    await asyncio.sleep(19)
    await names.srv("_SIP._udp.C.example.")
    before = len(server.asked)
    await asyncio.sleep(2)
    await names.srv("_sip._udp.c.example")

    assert before == 1
    assert len(server.asked) == 2


async def test_calls_that_want_to_know_the_same_ask_once(names: Dns, server: NameServer) -> None:
    """And one that is given up takes the answer from nobody."""
    first, *others = (asyncio.create_task(names.srv("_sip._udp.c.example")) for _ in range(5))
    await asyncio.sleep(0)
    first.cancel()
    found = await asyncio.gather(*others)

    assert [len(one) for one in found] == [2, 2, 2, 2]
    assert len(server.asked) == 1


@pytest.mark.parametrize("name", ["nobody.example", "a.c.example", "..", "ä" * 70])
async def test_what_is_not_there_is_not_asked_for_again_at_once(
    names: Dns, server: NameServer, name: str
) -> None:
    for _ in range(2):
        assert await names.srv(name) == []
    asked = len(server.asked)
    await asyncio.sleep(NOTHING_SECONDS + 1)
    await names.srv(name)

    assert asked <= 1


async def test_what_was_known_holds_while_nobody_answers(names: Dns, server: NameServer) -> None:
    """A carrier does not vanish because a name server does."""
    server.ttl = 5
    known = await names.srv("_sip._udp.c.example")
    server.silent = True
    await asyncio.sleep(10)
    still = await names.srv("_sip._udp.c.example")
    server.silent = False
    await asyncio.sleep(AWAY_SECONDS + 1)
    server.zone["_sip._udp.c.example", "SRV"] = ["1 1 5080 a.c.example."]
    then = await names.srv("_sip._udp.c.example")

    assert still == known
    assert then == [Srv(1, 1, 5080, "a.c.example")]


async def test_the_system_knows_hosts_that_no_server_does(names: Dns) -> None:
    """`localhost`, and what stands in /etc/hosts."""
    assert await names.addresses("localhost") == ["127.0.0.1"]
    assert await Dns().addresses("localhost") == ["127.0.0.1"]
