"""A leg that runs answers what the tables say: each method, extension and body is sent to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.sdp.session import CONTENT_TYPE
from sip.bridge.signalling.message import Headers, new_tag
from sip.bridge.spoken.extensions import BODIES, EXTENSIONS
from sip.bridge.spoken.methods import METHODS
from tests.sip.bridge.caller import Caller, Phones
from tests.sip.bridge.descriptions import describe
from tests.sip.bridge.person import person
from tests.sip.bridge.world import World, number, room_of

pytestmark = pytest.mark.stack

CALLED = number(44)


def spelt(name: str) -> str:
    """Something that nobody has heard of, where a line is about any other."""
    return name if " " not in name else "UNHEARD-OF"


async def answer_to(
    line: Phones, leg: tuple[str, int], method: str, headers: Headers = ()
) -> SipResponse:
    """Of a request that belongs to no call."""
    flow = await line.flow(leg)
    request = SipRequest(method=method, uri=f"sip:{CALLED}@{leg[0]}:{leg[1]}")
    request.headers.append("Via", line.endpoint.via(flow))
    for name, value in (
        ("Max-Forwards", "70"),
        ("From", f"<sip:+4917012345@carrier.example>;tag={new_tag()}"),
        ("To", f"<{request.uri}>"),
        ("Call-ID", new_tag()),
        ("CSeq", f"1 {method}"),
        ("Contact", line.endpoint.contact(flow)),
        *headers,
    ):
        request.headers.set_single(name, value)
    response = await line.endpoint.send(request, flow, leg).final()
    assert response is not None
    return response


@pytest.fixture
async def caller(world: World, line: Phones) -> AsyncIterator[Caller]:
    async with (
        person(world.livekit, room_of(CALLED)),
        Caller(line, world.sip, CALLED) as made,
    ):
        assert await made.dial() == 200
        yield made


async def test_what_is_asked_in_no_call(world: World, line: Phones) -> None:
    found = {
        each.name: (await answer_to(line, world.sip, spelt(each.name))).status_code
        for each in METHODS
        if each.outside
    }

    assert found == {each.name: each.outside for each in METHODS if each.outside}


async def test_what_may_be_required(world: World, line: Phones) -> None:
    found = {}
    for each in EXTENSIONS:
        tag = spelt(each.tag).lower()
        response = await answer_to(line, world.sip, "OPTIONS", [("Require", tag)])
        found[each.tag] = (response.status_code, response.get_header("unsupported"))

    assert found == {
        each.tag: (200, None) if each.understood else (420, spelt(each.tag).lower())
        for each in EXTENSIONS
    }


async def test_what_is_asked_in_a_call(caller: Caller) -> None:
    """Its BYE comes last."""
    assert caller.dialog is not None
    asked = [each for each in METHODS if each.inside and each.name != "BYE"]
    found = {}
    for each in asked:
        more = [("Refer-To", f"<sip:{number(45)}@carrier.example>")] if each.name == "REFER" else []
        response = await caller.dialog.send(spelt(each.name), headers=more)
        assert response is not None
        found[each.name] = response.status_code
    bye = await caller.dialog.send("BYE")

    assert found == {each.name: each.inside for each in asked}
    assert bye is not None
    assert bye.status_code == 200


async def test_what_a_body_is_answered_with(caller: Caller) -> None:
    assert caller.dialog is not None
    description = describe(caller.local)
    whole = b"--x\r\nContent-Type: application/sdp\r\n\r\n" + description + b"\r\n--x--\r\n"
    bodies = {
        "application/sdp": description,
        "multipart/mixed": whole,
        "application/dtmf-relay": b"Signal=5\r\nDuration=160\r\n",
        "application/dtmf": b"5",
    }
    found = {}
    for each in BODIES:
        kind = f'{each.kind};boundary="x"' if each.kind.startswith("multipart") else each.kind
        body = bodies.get(each.kind, b"something")
        response = await caller.dialog.send(
            each.method, headers=[("Content-Type", kind)], body=body
        )
        assert response is not None
        found[each.kind] = response.status_code

    assert CONTENT_TYPE in found
    assert found == {each.kind: each.code for each in BODIES}
