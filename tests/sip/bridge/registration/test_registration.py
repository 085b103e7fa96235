"""An account is registered, renewed, and taken back, over real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sip.bridge.transport.flow import Flow
from sip.bridge.transport.peers import Standing
from tests.sip.bridge.caller import Phones
from tests.sip.bridge.registration.account import registered, until
from tests.sip.bridge.registration.registrar import (
    Registrar,
    registrar,
    user_of,
)

pytestmark = pytest.mark.virtual_time(alone=True)


async def test_a_server_is_told_where_we_are(ours: Phones) -> None:
    """RFC 3261 §10.2: the domain in the Request-URI, the account in To and From, and a Contact
    that shows by its user which account a call is for."""
    async with registrar() as there, registered(ours, there.server) as kept:
        await until(lambda: kept.registered)
        asked = there.asked[0]

    assert asked.uri == f"sip:{there.server}"
    assert asked.get_header("to") == "<sip:switchboard@127.0.0.1>"
    assert (asked.get_header("from") or "").startswith("<sip:switchboard@127.0.0.1>;tag=")
    assert user_of(asked) == "switchboard"
    assert asked.get_header("expires") == "600"
    assert kept.state.error == ""


async def test_it_is_renewed_in_time_in_one_sequence_and_taken_back(ours: Phones) -> None:
    """One Call-ID, rising numbers (§10.2); the last request asks for no time at all, for our own
    contact: other telephones of the account stay."""
    async with registrar() as there:
        async with registered(ours, there.server) as kept:
            await until(lambda: kept.registered)
            await asyncio.sleep(2 * 600)
        numbers = [int((request.get_header("cseq") or "").split()[0]) for request in there.asked]

    assert there.expires == ["600", "600", "600", "0"]
    assert numbers == [1, 2, 3, 4]
    assert len({request.call_id for request in there.asked}) == 1
    assert "*" not in (there.asked[-1].get_header("contact") or "")


@pytest.mark.parametrize("granted", [40, 60, 90, 3600])
async def test_what_the_server_grants_counts_and_not_what_was_asked_for(
    ours: Phones, granted: int
) -> None:
    """At no moment is the account forgotten there."""
    loop = asyncio.get_running_loop()
    async with registrar(granted=granted) as there, registered(ours, there.server) as kept:
        await until(lambda: kept.registered)
        began = loop.time()
        for _ in range(100):
            await asyncio.sleep(granted / 20)
            assert kept.registered
        rounds = (loop.time() - began) / granted

    assert rounds <= len(there.asked) - 1 <= 4 * rounds


async def test_other_telephones_of_the_account_do_not_count(ours: Phones) -> None:
    """The answer lists them all (§10.2.4), some with the same user at another place."""
    others = (
        "<sip:switchboard@192.0.2.7:5060>;expires=7",
        '"A, b" <sip:desk@127.0.0.1>;expires=1, <sip:switchboard@127.0.0.1:9>;expires=2',
    )
    async with registrar(others=others) as there, registered(ours, there.server) as kept:
        await until(lambda: kept.registered)
        await asyncio.sleep(400)

        assert len(there.asked) == 1


async def test_everything_goes_to_the_proxy_first(ours: Phones) -> None:
    """The registrar itself is never looked up."""
    async with (
        registrar() as there,
        registered(ours, "tel.example.invalid", proxy=there.server) as kept,
    ):
        await until(lambda: kept.registered)
        asked = there.asked[0]

    assert asked.uri == "sip:tel.example.invalid"
    assert asked.get_header("to") == "<sip:switchboard@tel.example.invalid>"
    assert asked.headers.get("route") == [f"<sip:{there.server};lr>"]
    assert kept.routes == (f"<sip:{there.server};lr>",)


async def test_calls_out_take_the_way_that_the_registrar_names(ours: Phones) -> None:
    """Service-Route (RFC 3608), in one line or several, behind our own proxy."""
    extra = [
        ("Service-Route", "<sip:one.example;lr>, <sip:two.example;lr>"),
        ("Service-Route", "<sip:three.example;lr>"),
    ]
    service = ("<sip:one.example;lr>", "<sip:two.example;lr>", "<sip:three.example;lr>")
    async with registrar(extra=extra) as there:
        async with registered(ours, there.server) as direct:
            await until(lambda: direct.registered)
        async with registered(ours, "tel.example.invalid", proxy=there.server) as behind:
            await until(lambda: behind.registered)

    assert direct.routes == service
    assert behind.routes == (f"<sip:{there.server};lr>", *service)


async def test_over_tcp_one_connection_is_kept_and_a_lost_one_replaced(ours: Phones) -> None:
    """Calls may come on it, so nobody waits for the next refresh."""
    async with registrar() as there, registered(ours, there.server, transport="tcp") as kept:
        await until(lambda: kept.registered)
        await asyncio.sleep(600)
        same = {id(flow) for flow in there.flows}
        there.hang_up()
        before = len(there.asked)
        await asyncio.sleep(15)

        assert len(same) == 1
        assert "transport=tcp" in (there.asked[0].get_header("contact") or "")
        assert len(there.asked) == before + 1
        assert there.flows[-1] is not there.flows[0]


async def test_a_server_that_closes_after_each_answer_is_not_asked_in_circles(
    ours: Phones,
) -> None:
    async with registrar() as there:
        accept = there.accept

        def and_close(request: Any) -> Any:
            asyncio.get_running_loop().call_later(0.1, there.hang_up)
            return accept(request)

        there.usual = and_close
        async with registered(ours, there.server, transport="tcp") as kept:
            await asyncio.sleep(600)

            assert kept.registered
            assert 2 <= len(there.asked) <= 12


async def test_the_server_is_heard_whatever_strangers_do(ours: Phones) -> None:
    """Its address is nobody's `allow`."""
    peers = ours.endpoint.peers
    async with registrar(host="127.0.0.9") as there, registered(ours, there.server) as kept:
        await until(lambda: kept.registered)
        during = peers.standing("127.0.0.9")
        held = kept.hosts

    assert held == {"127.0.0.9"}
    assert during is Standing.ON_THE_LINE
    assert kept.hosts == frozenset()


async def test_a_router_between_is_kept_awake(ours: Phones) -> None:
    """Keep-alives (RFC 5626 §3.5) as long as we are registered, and none afterwards."""
    pings: list[bytes] = []
    server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Tap(pings), local_addr=("127.0.0.1", 0)
    )
    port = server[0].get_extra_info("sockname")[1]
    async with registered(ours, f"127.0.0.1:{port}") as kept:
        await until(lambda: kept.registered)
        await asyncio.sleep(100)
    during = pings.count(b"\r\n\r\n")
    await asyncio.sleep(100)
    server[0].close()

    assert 3 <= during <= 5
    assert pings.count(b"\r\n\r\n") == during


class _Tap(asyncio.DatagramProtocol):
    """Accepts whatever it is asked for, and writes down what came."""

    def __init__(self, heard: list[bytes]) -> None:
        self._heard = heard
        self._registrar = Registrar()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, peer: tuple[str, int]) -> None:
        self._heard.append(data)
        if data.strip():
            tap = self

            class Back:
                def send(self, data: bytes, to: tuple[str, int]) -> None:
                    tap._transport.sendto(data, to)

            self._registrar.receive(data, Flow(peer, Back()))
