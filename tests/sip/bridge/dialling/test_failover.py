"""A carrier with several addresses, of which some do not answer (RFC 3263 §4.3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sip.bridge.carriers.carriers import PATIENCE_SECONDS, Carriers
from sip.bridge.carriers.dns import Dns
from sip.bridge.carriers.locate import Place
from sip.bridge.dialling.dial import Dialler
from tests.sip.bridge.caller import Phones
from tests.sip.bridge.carriers.name_server import NameServer, name_server
from tests.sip.bridge.dialling.carrier import Carrier, answers
from tests.sip.bridge.dialling.dialling import NUMBER, dial, dialler, failure

pytestmark = pytest.mark.virtual_time(alone=True)


@pytest.fixture
async def server(far: Carrier, other: Carrier) -> AsyncIterator[NameServer]:
    """`c.example`: first far, then other."""
    zone = {
        ("_sip._udp.c.example", "SRV"): [
            f"1 0 {far.address[1]} far.c.example.",
            f"2 0 {other.address[1]} other.c.example.",
        ],
        ("far.c.example", "A"): [far.address[0]],
        ("other.c.example", "A"): [other.address[0]],
    }
    async with name_server(zone) as made:
        yield made


@pytest.fixture
async def carriers(server: NameServer) -> AsyncIterator[Carriers]:
    clock = asyncio.get_running_loop().time
    names = Dns([server.address], clock=clock)
    yield Carriers(names, clock=clock)
    await names.aclose()


def by_name(near: Phones, far: Carrier, carriers: Carriers) -> Dialler:
    made = dialler(near, far)
    uri = f"sip:{NUMBER}@c.example;transport=udp"
    made.to = replace(made.to, uri=uri, place=Place("c.example"))
    made.carriers = carriers
    return made


async def test_the_first_address_gets_the_call(
    near: Phones, far: Carrier, other: Carrier, carriers: Carriers
) -> None:
    far.reacts = answers(far, 200, tag="a")
    await dial(by_name(near, far, carriers))

    assert far.all("INVITE")[0].uri == f"sip:{NUMBER}@c.example;transport=udp"
    assert other.requests == []


async def test_who_is_out_of_service_makes_way(
    near: Phones, far: Carrier, other: Carrier, carriers: Carriers
) -> None:
    """503, and is not asked again as long as it said; then it is the first once more."""
    far.reacts = answers(far, 503, headers=[("Retry-After", "90 (maintenance);duration=60")])
    other.reacts = answers(other, 200, tag="b")
    for _ in range(2):
        dialog, _ = await dial(by_name(near, far, carriers))
        assert dialog.ends.remote_tag == "b"
    asked = len(far.all("INVITE"))
    await asyncio.sleep(91)
    await dial(by_name(near, far, carriers))

    assert asked == 1
    assert len(far.all("INVITE")) == 2
    assert len(other.all("INVITE")) == 3


async def test_who_says_nothing_is_not_waited_for_long(
    near: Phones, far: Carrier, other: Carrier, carriers: Carriers
) -> None:
    """The other telephone does not ring for half a minute less. Should the first wake up, its call
    is taken back; it is never told to cancel what it may not have."""
    other.reacts = answers(other, 200, tag="b")
    loop = asyncio.get_running_loop()
    began = loop.time()
    await dial(by_name(near, far, carriers))
    took = loop.time() - began
    repeated = len(far.all("INVITE"))
    quiet = "CANCEL" in far.methods()
    await asyncio.sleep(5)
    far.answer(far.all("INVITE")[0], 180, tag="late")
    await far.got("CANCEL")

    assert PATIENCE_SECONDS <= took < PATIENCE_SECONDS + 1
    assert not quiet
    assert len(far.all("INVITE")) == repeated


async def test_an_answer_that_comes_too_late_is_hung_up(
    near: Phones, far: Carrier, other: Carrier, carriers: Carriers
) -> None:
    other.reacts = answers(other, 200, tag="b")
    dialog, _ = await dial(by_name(near, far, carriers))
    far.answer(far.all("INVITE")[0], 200, tag="late")
    await far.got("ACK")
    await far.got("BYE")

    assert not dialog.closed


async def test_who_says_that_it_tries_is_waited_for(
    near: Phones, far: Carrier, other: Carrier, carriers: Carriers
) -> None:
    """100 is an answer: from there on the call's own patience counts."""
    calling = dial(by_name(near, far, carriers))
    invite = await far.got("INVITE")
    far.answer(invite, 100)
    await asyncio.sleep(20)
    far.answer(invite, 200, tag="a")
    dialog, _ = await calling

    assert dialog.ends.remote_tag == "a"
    assert other.requests == []


@pytest.mark.parametrize(
    ("code", "reason", "cause"),
    [
        (486, "", "busy"),
        (404, "", "wrong_number"),
        (500, "", "unreachable"),
        (503, "Q.850;cause=17", "busy"),
    ],
)
async def test_what_is_said_of_the_telephone_holds_everywhere(
    near: Phones,
    far: Carrier,
    other: Carrier,
    carriers: Carriers,
    code: int,
    reason: str,
    cause: str,
) -> None:
    """Another address of the same carrier knows it no better."""
    far.reacts = answers(far, code, headers=[("Reason", reason)] if reason else [])
    why = await failure(dial(by_name(near, far, carriers)))

    assert (why.code, why.cause) == (code, cause)
    assert other.requests == []


async def test_nobody_at_any_address_is_unreachable(
    near: Phones, far: Carrier, other: Carrier, carriers: Carriers
) -> None:
    """The last address is given its whole time."""
    other.reacts = answers(other, 503, "Out of order")
    why = await failure(dial(by_name(near, far, carriers)))

    assert (why.code, why.cause) == (503, "unreachable")
    assert len(far.all("INVITE")) > 1


async def test_a_name_that_leads_nowhere_is_said(
    near: Phones, far: Carrier, carriers: Carriers, server: NameServer
) -> None:
    server.zone.clear()
    why = await failure(dial(by_name(near, far, carriers)))

    assert (why.code, why.cause) == (503, "unreachable")
    assert why.detail == "c.example has no address"


async def test_a_redirection_to_one_of_the_carriers_addresses_is_followed(
    near: Phones, far: Carrier, other: Carrier, carriers: Carriers
) -> None:
    """Its name stands for them, whatever `allow` says."""
    other.reacts = answers(other, 200, tag="b")
    calling = dial(by_name(near, far, carriers))
    host, port = other.address
    contact = ("Contact", f"<sip:{NUMBER}@{host}:{port}>")
    far.answer(await far.got("INVITE"), 302, headers=[contact])
    dialog, _ = await calling

    assert dialog.ends.remote_tag == "b"
