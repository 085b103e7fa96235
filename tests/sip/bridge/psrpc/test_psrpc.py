"""psrpc: names on the wire, and calls through a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from google.protobuf.empty_pb2 import Empty
from livekit.protocol import sip as lk

from sip.bridge.psrpc.bus import Bus
from sip.bridge.psrpc.channels import (
    channel,
    claim_channel,
    grant_channel,
    new_id,
    request_channel,
    response_channel,
)
from sip.bridge.psrpc.client import Client
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.psrpc.server import Method, Server
from sip.bridge.wire import rpc_sip_pb2 as rpc
from tests.stack.servers import Servers, short_folder


def test_channels_are_named_as_livekit_names_them() -> None:
    """Parts joined by |, empty ones left out, anything unusual escaped."""
    assert request_channel("IOInfo", "GetSIPTrunkAuthentication") == (
        "IOInfo|GetSIPTrunkAuthentication|REQ"
    )
    assert request_channel("SIPInternal", "TransferSIPParticipant", "SCL_abc") == (
        "SIPInternal|TransferSIPParticipant|SCL_abc|REQ"
    )
    assert grant_channel("IOInfo", "X") == "IOInfo|X|RCLAIM"
    assert claim_channel("IOInfo", "CLI_1") == "IOInfo|CLI_1|CLAIM"
    assert response_channel("IOInfo", "CLI_1") == "IOInfo|CLI_1|RES"
    assert channel("a", "", "b-c", "é", "𝄞") == "a|bu+002dc|u+00e9|U+0001d11e"


def test_ids_have_their_prefix_and_twelve_characters() -> None:
    ids = {new_id("SCL_") for _ in range(1000)}

    assert len(ids) == 1000
    assert all(len(made) == 16 and made.startswith("SCL_") for made in ids)


@pytest.fixture(scope="module")
def redis_here() -> Iterator[str]:
    with short_folder() as home, Servers(home).redis() as url:
        yield url


@pytest.fixture
async def bus(redis_here: str) -> AsyncIterator[Bus]:
    made = Bus(redis_here)
    yield made
    await made.aclose()


Wanted = rpc.UpdateSIPCallStateRequest


def wanted(call_id: str) -> rpc.UpdateSIPCallStateRequest:
    return Wanted(call_info=lk.SIPCallInfo(call_id=call_id))


@pytest.mark.stack
async def test_one_of_two_servers_answers(bus: Bus, redis_here: str) -> None:
    """A queued request is handled once, however many could."""
    other = Bus(redis_here)
    handled: list[str] = []

    async def handle(request: rpc.UpdateSIPCallStateRequest) -> Empty:
        handled.append(request.call_info.call_id)
        return Empty()

    for each in (bus, other):
        await Server(each, "Test").register(Method("Do", Wanted, handle))
    client = Client(bus, "Test")
    await client.start()
    for number in range(10):
        await client.call("Do", wanted(str(number)), reply=Empty)
    await other.aclose()

    assert handled == [str(number) for number in range(10)]


@pytest.mark.stack
async def test_an_error_reaches_the_caller_with_its_details(bus: Bus) -> None:
    async def handle(request: rpc.UpdateSIPCallStateRequest) -> Empty:
        raise RpcError("not_found", "nobody here")

    await Server(bus, "Test").register(Method("Fail", Wanted, handle))
    client = Client(bus, "Test")
    await client.start()

    with pytest.raises(RpcError) as failure:
        await client.call("Fail", wanted("1"), reply=Empty)

    assert (failure.value.code, failure.value.message) == ("not_found", "nobody here")


@pytest.mark.stack
async def test_nobody_there_is_known_at_once(bus: Bus) -> None:
    client = Client(bus, "Test")
    await client.start()

    with pytest.raises(RpcError) as failure:
        await client.call("Nothing", wanted("1"), reply=Empty, within=30)

    assert failure.value.code == "unavailable"


@pytest.mark.stack
async def test_a_server_that_does_not_bid_is_not_asked(bus: Bus) -> None:
    """A draining leg stays silent; the caller's patience ends with deadline_exceeded."""

    async def handle(request: rpc.UpdateSIPCallStateRequest) -> Empty:
        raise AssertionError("was asked")

    async def never(request: rpc.UpdateSIPCallStateRequest) -> float:
        return -1.0

    await Server(bus, "Test").register(Method("Full", Wanted, handle, affinity=never))
    client = Client(bus, "Test")
    await client.start()

    with pytest.raises(RpcError) as failure:
        await client.call("Full", wanted("1"), reply=Empty, within=0.3)

    assert failure.value.code == "deadline_exceeded"


@pytest.mark.stack
async def test_topics_are_apart_and_end_when_they_are_taken_back(bus: Bus) -> None:
    """TransferSIPParticipant is asked of one call; a call that is over is not asked."""
    served: list[str] = []
    server = Server(bus, "Test")

    def method(topic: str) -> Method[rpc.UpdateSIPCallStateRequest]:
        async def handle(request: rpc.UpdateSIPCallStateRequest) -> Empty:
            served.append(topic)
            return Empty()

        return Method("Move", Wanted, handle, topic=(topic,))

    await server.register(method("SCL_a"))
    await server.register(method("SCL_b"))
    client = Client(bus, "Test")
    await client.start()
    await client.call("Move", wanted("1"), reply=Empty, topic=("SCL_b",))
    await server.deregister("Move", "SCL_b")
    await asyncio.sleep(0.05)

    assert served == ["SCL_b"]
    with pytest.raises(RpcError, match="no response"):
        await client.call("Move", wanted("2"), reply=Empty, topic=("SCL_b",))
