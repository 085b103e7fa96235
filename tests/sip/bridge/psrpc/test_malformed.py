"""Whoever can write to Redis can write nonsense: it is nobody's, and others are served."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator

import pytest
import redis.asyncio
from google.protobuf.empty_pb2 import Empty
from structlog.testing import capture_logs

from sip.bridge.psrpc.bus import Bus
from sip.bridge.psrpc.channels import (
    claim_channel,
    grant_channel,
    request_channel,
    response_channel,
)
from sip.bridge.psrpc.client import Client
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.psrpc.server import Method, Server
from sip.bridge.wire import psrpc_internal_pb2 as wire
from sip.bridge.wire import rpc_sip_pb2 as rpc
from tests.sip.bridge.hostile.mutation import ANY, SEED, mutated
from tests.stack.servers import Servers, short_folder

pytestmark = pytest.mark.stack

MUTANTS = 3_000
Wanted = rpc.UpdateSIPCallStateRequest


@pytest.fixture(scope="module")
def redis_here() -> Iterator[str]:
    with short_folder() as home, Servers(home).redis() as url:
        yield url


def _envelope(name: str, value: bytes) -> bytes:
    return wire.Msg(
        type_url=f"type.googleapis.com/internal.{name}", value=value
    ).SerializeToString()


def _request(request_id: str, *, seconds: float = 1.0, body: bytes = b"") -> bytes:
    until = time.time_ns() + int(seconds * 1e9)
    made = wire.Request(
        request_id=request_id, client_id="CLI_x", expiry=until, raw_request=body
    ).SerializeToString()
    return _envelope("Request", made)


async def _handled(request: rpc.UpdateSIPCallStateRequest) -> Empty:
    return Empty()


async def test_mutants_on_every_channel_harm_nobody(redis_here: str) -> None:
    bus = Bus(redis_here)
    client = Client(bus, "Test")
    chance = random.Random(SEED)
    response = wire.Response(request_id="REQ_x", raw_response=b"\xff").SerializeToString()
    claim = wire.ClaimRequest(request_id="REQ_x", server_id="SRV_x", affinity=1).SerializeToString()
    corpus = (_request("REQ_x"), _envelope("Response", response), _envelope("ClaimRequest", claim))
    corpus = (*corpus, _envelope("Request", b"\xff" * 9), b"")
    with capture_logs() as logged:
        await Server(bus, "Test").register(Method("Do", Wanted, _handled))
        await client.start()
        channels = (
            request_channel("Test", "Do"),
            grant_channel("Test", "Do"),
            response_channel("Test", client._id),
            claim_channel("Test", client._id),
        )
        async with redis.asyncio.Redis.from_url(redis_here) as writer:
            for number in range(MUTANTS):
                raw = mutated(corpus, chance, ANY) if number % 4 else chance.choice(corpus)
                await writer.publish(chance.choice(channels), raw)
        await client.call("Do", Wanted(), reply=Empty)
        await bus.aclose()

    assert [line for line in logged if line["log_level"] == "error"] == []


async def test_a_request_whose_id_comes_twice_ends_like_any_other(redis_here: str) -> None:
    bus = Bus(redis_here)
    server = Server(bus, "Test")
    with capture_logs() as logged:
        await server.register(Method("Do", Wanted, _handled))
        async with redis.asyncio.Redis.from_url(redis_here) as writer:
            for seconds in (0.2, 0.3, 0.4):
                raw = _request("REQ_same", seconds=seconds)
                await writer.publish(request_channel("Test", "Do"), raw)
        await asyncio.sleep(0.8)
        left = len(server._grants)
        await bus.aclose()

    assert left == 0
    assert [line for line in logged if line["log_level"] == "error"] == []


async def test_an_answer_that_cannot_be_read_is_an_error_of_the_call(redis_here: str) -> None:
    bus = Bus(redis_here)
    client = Client(bus, "Test")

    async def lies(value: bytes, raw: bytes) -> None:
        asked = wire.Request.FromString(value)
        said = wire.Response(request_id=asked.request_id, raw_response=b"\xff\xff")
        await bus.publish(response_channel("Test", asked.client_id), said)

    await client.start()
    await bus.subscribe(request_channel("Test", "Lie"), lies)
    with pytest.raises(RpcError) as failure:
        await client.call("Lie", Wanted(), reply=rpc.EvaluateSIPDispatchRulesResponse)
    await bus.aclose()

    assert failure.value.code == "malformed_response"
