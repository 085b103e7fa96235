"""Asking carriers whether they are there, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from dialplans.contracts.carriers import CarrierState, down
from sip.bridge.carriers.carriers import Carriers
from sip.bridge.carriers.dns import Dns
from sip.bridge.carriers.locate import Hop, Place
from sip.bridge.carriers.ping import Pings
from tests.sip.bridge.caller import Phones, phones
from tests.sip.bridge.carriers.name_server import name_server
from tests.sip.bridge.dialling.carrier import Carrier, carrier

pytestmark = pytest.mark.virtual_time(alone=True)


class Asking:
    """Pings of a plan that a test may change."""

    def __init__(self, near: Phones, names: Dns) -> None:
        self.trunks: dict[str, Place] = {}
        self.told: list[list[CarrierState]] = []
        self.carriers = Carriers(names, clock=asyncio.get_running_loop().time)
        self.near = near
        self.pings = self.every(0)

    def every(self, seconds: float) -> Pings:
        return Pings(
            self.near.endpoint, self.carriers, lambda: self.trunks, every=seconds, tell=self._tell
        )

    async def round(self) -> dict[str, bool]:
        await self.pings.round()
        return {state.address: state.up for state in self.pings.states}

    async def _tell(self, states: list[CarrierState]) -> None:
        self.told.append(states)


@pytest.fixture
async def far() -> AsyncIterator[Carrier]:
    async with carrier() as made:
        yield made


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with phones() as near:
        yield Asking(near, Dns())


def place(carrier: Carrier) -> Place:
    return Place(*carrier.address)


@pytest.mark.parametrize(("code", "up"), [(200, True), (404, True), (401, True), (503, False)])
async def test_who_answers_is_there(asking: Asking, far: Carrier, code: int, up: bool) -> None:
    """Whatever they think of the question, unless they say that they are out of service."""
    far.reacts = lambda request: far.answer(request, code, "Words")
    asking.trunks["one"] = place(far)
    found = await asking.round()
    asked = far.all("OPTIONS")[0]

    assert list(found.values()) == [up]
    assert asked.uri == f"sip:{place(far)}"
    assert asked.get_header("max-forwards") == "70"


async def test_who_says_nothing_is_asked_more_than_once_and_called_last(
    asking: Asking, far: Carrier
) -> None:
    """A packet may be lost; a carrier that was down for long is there at once when it answers."""
    hop = Hop(far.address, "udp")
    asking.trunks["one"] = place(far)
    for _ in range(3):
        await asking.round()
    silent = down(asking.pings.states)
    failing = asking.carriers.is_failing(hop)
    only = await asking.carriers.hops(place(far))
    repeated = len(far.all("OPTIONS"))
    far.reacts = lambda request: far.answer(request, 200)
    await asking.round()

    assert silent == [f"trunk one: {place(far)}: no answer"]
    assert failing
    assert only == [hop]
    assert repeated > 3
    assert down(asking.pings.states) == []
    assert not asking.carriers.is_failing(hop)
    assert asking.near.endpoint.transactions == 0


async def test_each_address_of_a_name_is_asked_for_itself(near_zone: Asking) -> None:
    found = await near_zone.round()

    assert sorted(found.values()) == [False, True]
    assert near_zone.told[-1] == near_zone.pings.states


@pytest.fixture
async def near_zone(far: Carrier) -> AsyncIterator[Asking]:
    """A trunk with two servers, of which one is there; and one whose name leads nowhere."""
    far.reacts = lambda request: far.answer(request, 200)
    async with carrier("127.0.0.2") as gone:
        zone = {
            ("_sip._udp.c.example", "SRV"): [
                f"1 0 {far.address[1]} far.c.example.",
                f"2 0 {gone.address[1]} gone.c.example.",
            ],
            ("far.c.example", "A"): [far.address[0]],
            ("gone.c.example", "A"): [gone.address[0]],
        }
        async with name_server(zone) as server, phones() as near:
            names = Dns([server.address])
            made = Asking(near, names)
            made.trunks["one"] = Place("c.example", transport="udp")
            yield made
            await names.aclose()


async def test_a_name_that_leads_nowhere_is_said(near_zone: Asking) -> None:
    near_zone.trunks = {"two": Place("nowhere.example")}
    await near_zone.round()

    assert down(near_zone.pings.states) == ["trunk two: nowhere.example has no address"]


async def test_by_tcp_a_connection_is_enough(asking: Asking) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    asking.trunks["one"] = Place("127.0.0.1", port, "tcp")
    there = await asking.round()
    server.close()
    await server.wait_closed()
    gone = await asking.round()

    assert (list(there.values()), list(gone.values())) == ([True], [False])


async def test_who_is_in_the_plan_is_asked_again_and_again(asking: Asking, far: Carrier) -> None:
    """A plan of now; a trunk that has gone from it is asked no more, nor told of."""
    far.reacts = lambda request: far.answer(request, 200)
    pings = asking.every(30)
    pings.start()
    await asyncio.sleep(1)
    asking.trunks["one"] = place(far)
    await asyncio.sleep(100)
    asked = len(far.all("OPTIONS"))
    asking.trunks.clear()
    await asyncio.sleep(100)
    await pings.aclose()

    assert asked == 3
    assert len(far.all("OPTIONS")) == 3
    assert pings.states == []


async def test_nobody_is_asked_where_that_is_switched_off(asking: Asking, far: Carrier) -> None:
    asking.trunks["one"] = place(far)
    asking.pings.start()
    await asyncio.sleep(100)
    await asking.pings.aclose()

    assert far.requests == []
