"""The calling side: ask livekit-server something and wait for one answer."""

from __future__ import annotations

import asyncio
import time
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from sip.bridge.psrpc.bus import Bus
from sip.bridge.psrpc.channels import (
    claim_channel,
    grant_channel,
    new_id,
    request_channel,
    response_channel,
)
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.wire import psrpc_internal_pb2 as wire

Reply = TypeVar("Reply", bound=Message)

CALL_SECONDS = 3.0


class Client:
    """Calls of one service. All methods of IOInfo that a leg uses need a claim and a grant."""

    def __init__(self, bus: Bus, service: str) -> None:
        self._bus = bus
        self._service = service
        self._id = new_id("CLI_")
        self._replies: dict[str, asyncio.Future[wire.Response]] = {}
        self._claims: dict[str, asyncio.Future[str]] = {}

    async def start(self) -> None:
        await self._bus.subscribe(response_channel(self._service, self._id), self._on_reply)
        await self._bus.subscribe(claim_channel(self._service, self._id), self._on_claim)

    async def call(
        self,
        method: str,
        request: Message,
        *,
        reply: type[Reply],
        topic: tuple[str, ...] = (),
        within: float = CALL_SECONDS,
    ) -> Reply:
        """Raises RpcError: the server's own, `unavailable` or `deadline_exceeded`."""
        loop = asyncio.get_running_loop()
        request_id = new_id("REQ_")
        now = time.time_ns()
        envelope = wire.Request(
            request_id=request_id,
            client_id=self._id,
            sent_at=now,
            expiry=now + int(within * 1e9),
            raw_request=request.SerializeToString(),
        )
        answer = self._replies[request_id] = loop.create_future()
        claim = self._claims[request_id] = loop.create_future()
        try:
            async with asyncio.timeout(within):
                heard = await self._bus.publish(
                    request_channel(self._service, method, *topic), envelope
                )
                if heard == 0:
                    raise RpcError("unavailable", "no response from servers")
                await asyncio.wait({claim, answer}, return_when=asyncio.FIRST_COMPLETED)
                if claim.done():
                    grant = wire.ClaimResponse(request_id=request_id, server_id=claim.result())
                    await self._bus.publish(grant_channel(self._service, method, *topic), grant)
                response = await answer
        except TimeoutError:
            raise RpcError("deadline_exceeded", f"{method} timed out") from None
        finally:
            del self._replies[request_id], self._claims[request_id]
        if response.error:
            raise RpcError(
                response.code or "unknown", response.error, details=response.error_details
            )
        try:
            return reply.FromString(response.raw_response)
        except DecodeError as error:
            raise RpcError("malformed_response", f"{method}: {error}") from error

    async def _on_reply(self, value: bytes, _: bytes) -> None:
        response = wire.Response.FromString(value)
        answer = self._replies.get(response.request_id)
        if answer is not None and not answer.done():
            answer.set_result(response)

    async def _on_claim(self, value: bytes, _: bytes) -> None:
        claim = wire.ClaimRequest.FromString(value)
        first = self._claims.get(claim.request_id)
        if first is not None and not first.done():
            first.set_result(claim.server_id)
