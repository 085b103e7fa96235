"""Transactions (RFC 3261 §17) between two endpoints on real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiosipua.message import SipRequest

from sip.bridge.signalling.client_transaction import derived
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import Request, response
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.timers import TIMEOUT
from sip.bridge.transport.peers import Standing
from tests.sip.bridge.caller import Phones, phones

pytestmark = pytest.mark.virtual_time(alone=True)


@pytest.fixture
async def near() -> AsyncIterator[Phones]:
    async with phones() as made:
        yield made


@pytest.fixture
async def far() -> AsyncIterator[Phones]:
    async with phones() as made:
        yield made


def request(near: Phones, far: Phones, method: str = "INVITE", **headers: str) -> SipRequest:
    host, port = far.endpoint.transport.address
    flow = near.endpoint.transport.udp_flow((host, port))
    made = SipRequest(method=method, uri=f"sip:you@{host}:{port}")
    made.headers.append("Via", near.endpoint.via(flow))
    for name, value in (
        ("Max-Forwards", "70"),
        ("From", "<sip:me@x>;tag=near"),
        ("To", f"<sip:you@{host}>"),
        ("Contact", near.endpoint.contact(flow)),
        ("Call-ID", "one"),
        ("CSeq", f"1 {method}"),
        *((name.replace("_", "-"), value) for name, value in headers.items()),
    ):
        made.headers.set_single(name, value)
    return made


def send(near: Phones, far: Phones, message: SipRequest):  # type: ignore[no-untyped-def]
    address = far.endpoint.transport.address
    return near.endpoint.send(message, near.endpoint.transport.udp_flow(address), address)


async def code_of(near: Phones, far: Phones, message: SipRequest) -> int:
    async with asyncio.timeout(5):
        response = await send(near, far, message).final()
    return response.status_code if response else 0


def serve(endpoint: Endpoint) -> list[ServerTransaction]:
    calls: list[ServerTransaction] = []
    endpoint.on_invite = calls.append
    return calls


async def test_a_request_is_repeated_until_somebody_answers(near: Phones, far: Phones) -> None:
    """Timer A: the second INVITE comes after half a second, and only one call is made of both."""
    calls = serve(far.endpoint)
    transaction = send(near, far, request(near, far))
    await asyncio.sleep(0.7)
    calls[0].respond(486)
    response = await transaction.final()

    assert response is not None
    assert response.status_code == 486
    assert len(calls) == 1
    assert far.endpoint.counters.received >= 2


async def test_a_provisional_answer_stops_the_repeats(near: Phones, far: Phones) -> None:
    calls = serve(far.endpoint)
    send(near, far, request(near, far))
    await asyncio.sleep(0.05)
    calls[0].respond(180)
    await asyncio.sleep(0.8)

    assert far.endpoint.counters.received == 1


async def test_a_refusal_is_acknowledged_and_then_forgotten_about(
    near: Phones, far: Phones
) -> None:
    """The ACK ends the repeats of the 486 (timer G)."""
    calls = serve(far.endpoint)
    transaction = send(near, far, request(near, far))
    await asyncio.sleep(0.05)
    calls[0].respond(486)
    await transaction.final()
    received = near.endpoint.counters.received
    await asyncio.sleep(0.8)

    assert near.endpoint.counters.received == received


@pytest.mark.parametrize(("tag", "counts"), [("", False), ("guessed", False), ("ours", True)])
async def test_only_who_has_read_a_200_can_acknowledge_it(
    near: Phones, far: Phones, tag: str, counts: bool
) -> None:
    """Whoever sends INVITEs under another's address never sees the tag, whatever branch it uses."""
    calls, acks = serve(far.endpoint), []
    invite = request(near, far)
    send(near, far, invite)
    await asyncio.sleep(0.05)
    calls[0].to_tag = "ours"
    calls[0].on_ack = acks.append
    calls[0].respond(200)
    ack = derived(invite, "ACK")
    ack.headers.set_single("To", f"<sip:you@x>{f';tag={tag}' if tag else ''}")
    near.endpoint.transport.udp_flow(far.endpoint.transport.address).send(bytes(ack))
    await asyncio.sleep(0.05)

    assert bool(acks) is counts


async def test_only_the_first_final_answer_counts(near: Phones, far: Phones) -> None:
    calls = serve(far.endpoint)
    transaction = send(near, far, request(near, far))
    await asyncio.sleep(0.05)
    calls[0].respond(404)
    calls[0].respond(200)
    response = await transaction.final()

    assert response is not None
    assert response.status_code == 404


async def test_a_cancel_reaches_its_call(near: Phones, far: Phones) -> None:
    calls = serve(far.endpoint)
    transaction = send(near, far, request(near, far))
    await asyncio.sleep(0.05)
    calls[0].on_cancel = lambda: calls[0].respond(487)
    cancelled = await send(near, far, derived(transaction.request, "CANCEL")).final()
    response = await transaction.final()

    assert cancelled is not None
    assert response is not None
    assert (cancelled.status_code, response.status_code) == (200, 487)


@pytest.mark.parametrize("method", ["BYE", "CANCEL", "UPDATE", "NOTIFY", "INFO"])
async def test_a_request_of_no_call_is_481(near: Phones, far: Phones, method: str) -> None:
    message = request(near, far, method, To="<sip:you@x>;tag=gone")

    assert await code_of(near, far, message) == 481


@pytest.mark.parametrize("method", ["REGISTER", "SUBSCRIBE", "MESSAGE", "WHATEVER"])
async def test_what_is_not_spoken_here_is_405(near: Phones, far: Phones, method: str) -> None:
    assert await code_of(near, far, request(near, far, method)) == 405


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Require": "nothingSupportsThis"}, 420),
        ({"CSeq": "4294967296 INVITE"}, 400),
        ({"Call_ID": ""}, 400),
    ],
)
async def test_a_request_that_is_not_in_order_is_refused(
    near: Phones, far: Phones, headers: dict[str, str], code: int
) -> None:
    serve(far.endpoint)

    assert await code_of(near, far, request(near, far, **headers)) == code


async def test_an_invite_is_taken_back_when_something_was_heard_of_it(
    near: Phones, far: Phones
) -> None:
    """A CANCEL that overtakes its INVITE cancels nothing, and the telephone rings for ever
    (RFC 3261 §9.1); neither is the INVITE sent again meanwhile."""
    calls, cancelled = serve(far.endpoint), asyncio.Event()
    transaction = send(near, far, request(near, far))
    await asyncio.sleep(0.05)
    calls[0].on_cancel = cancelled.set
    near.endpoint.cancel(transaction)
    await asyncio.sleep(3)
    early, received = cancelled.is_set(), far.endpoint.counters.received
    calls[0].respond(180)
    await asyncio.sleep(0.05)

    assert not early
    assert received == 1
    assert cancelled.is_set()


async def test_an_invite_that_was_heard_of_is_taken_back_at_once(near: Phones, far: Phones) -> None:
    calls, cancelled = serve(far.endpoint), asyncio.Event()
    transaction = send(near, far, request(near, far))
    await asyncio.sleep(0.05)
    calls[0].on_cancel = cancelled.set
    calls[0].respond(100)
    await asyncio.sleep(0.05)
    near.endpoint.cancel(transaction)
    near.endpoint.cancel(transaction)
    await asyncio.sleep(0.05)

    assert cancelled.is_set()
    assert far.endpoint.counters.received == 2


@pytest.mark.parametrize("provisional", [0, 100, 180])
async def test_an_invite_that_is_taken_back_and_never_answered_is_forgotten(
    near: Phones, far: Phones, provisional: int
) -> None:
    """No 487 ever comes: after 64*T1 nobody waits for it (RFC 3261 §9.1)."""
    calls = serve(far.endpoint)
    transaction = send(near, far, request(near, far))
    await asyncio.sleep(0.05)
    if provisional:
        calls[0].respond(provisional)
        await asyncio.sleep(0.05)
    near.endpoint.cancel(transaction)
    response = await transaction.final()
    await asyncio.sleep(TIMEOUT + 1)

    assert response is None
    assert near.endpoint.transactions == 0


async def test_a_second_telephone_that_answers_is_told_from_a_repeated_answer(
    near: Phones, far: Phones
) -> None:
    """Both have answered one INVITE that was forked on its way (RFC 3261 §13.2.2.4)."""
    calls, others, repeated = serve(far.endpoint), [], []
    transaction = send(near, far, request(near, far))
    transaction.on_another_ok = lambda response: others.append(response.to_addr.tag)
    transaction.on_repeated_ok = lambda: repeated.append("again")
    await asyncio.sleep(0.05)
    for tag in ("desk", "desk", "mobile"):
        ok = response(calls[0].request.raw, 200, "OK", to_tag=tag)
        calls[0].flow.send(bytes(ok))
        await asyncio.sleep(0.05)

    assert await transaction.final()
    assert repeated == ["again"]
    assert others == ["mobile"]


@pytest.mark.parametrize("method", ["REGISTER", "PUBLISH", "MESSAGE"])
async def test_a_method_may_have_somebody_who_answers_it(
    near: Phones, far: Phones, method: str
) -> None:
    """In no dialog; what stands in one that is gone stays 481."""
    far.endpoint.on_outside[method] = lambda transaction: transaction.respond(200)

    assert await code_of(near, far, request(near, far, method)) == 200
    assert await code_of(near, far, request(near, far, method, To="<sip:x@y>;tag=gone")) != 200


async def test_everything_is_forgotten_when_the_endpoint_closes(near: Phones, far: Phones) -> None:
    serve(far.endpoint)
    send(near, far, request(near, far))
    await asyncio.sleep(0.05)
    await far.endpoint.aclose()

    assert far.endpoint.transactions == 0


@pytest.mark.parametrize("method", ["OPTIONS", "REGISTER", "BYE", "CANCEL"])
async def test_what_anybody_may_ask_costs_no_memory(near: Phones, far: Phones, method: str) -> None:
    """Nothing is kept of it, and a repeated request gets the same answer (RFC 3261 §8.2.7)."""
    message = request(near, far, method)
    first = await send(near, far, message).final()
    second = await send(near, far, message).final()

    assert first is not None
    assert second is not None
    assert first.get_header("to") == second.get_header("to")
    assert ";tag=" in (first.get_header("to") or "")
    assert far.endpoint.transactions == 0


async def test_whoever_we_ask_is_a_peer_until_the_answer_is_forgotten(
    near: Phones, far: Phones
) -> None:
    """Its answers are heard, although no trunk names it."""
    serve(far.endpoint)
    peers = near.endpoint.peers
    transaction = send(near, far, request(near, far))
    asked = peers.standing("127.0.0.1")
    transaction.close()
    transaction.close()

    assert asked is Standing.ON_THE_LINE
    assert peers.standing("127.0.0.1") is Standing.TRUNK


async def test_keep_alives_are_no_messages(near: Phones, far: Phones) -> None:
    flow = near.endpoint.transport.udp_flow(far.endpoint.transport.address)
    for keep_alive in (b"\r\n\r\n", b"\0", b"\r\n", b"    \r\n\r\n    "):
        flow.send(keep_alive)
    await asyncio.sleep(0.05)

    assert far.endpoint.counters.received == 0


def test_option_tags_are_read_from_all_their_headers() -> None:
    raw = SipRequest(method="INVITE", uri="sip:x")
    raw.headers.append("Supported", "timer, 100rel")
    raw.headers.append("Supported", "Replaces")
    found = Request(raw, "INVITE", "sip:x", raw.via, raw, raw, "", 1)  # type: ignore[arg-type]

    assert found.tokens("supported") == {"timer", "100rel", "replaces"}
