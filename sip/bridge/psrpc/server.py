"""The serving side: methods that livekit-server calls on the leg."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from google.protobuf.message import DecodeError, Message

from sip.bridge.psrpc.bus import Bus, Handler
from sip.bridge.psrpc.channels import (
    claim_channel,
    grant_channel,
    new_id,
    request_channel,
    response_channel,
)
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.wire import psrpc_internal_pb2 as wire

log = structlog.get_logger()

Request = TypeVar("Request", bound=Message)


LONGEST_SECONDS = 600.0
"""Nothing is kept for longer than this, whatever a request says of its end."""


@dataclass(frozen=True)
class Method(Generic[Request]):
    """`affinity` gives the bid for a request, from 0 to 1; below 0 the leg does not bid: it is
    draining or full, or another leg is the one for it."""

    name: str
    request: type[Request]
    handle: Callable[[Request], Awaitable[Message]]
    topic: tuple[str, ...] = ()
    affinity: Callable[[Request], Awaitable[float]] | None = None


class Server:
    def __init__(self, bus: Bus, service: str) -> None:
        self._bus = bus
        self._service = service
        self._id = new_id("SRV_")
        self._grants: dict[str, asyncio.Future[str]] = {}
        self._subscribed: dict[tuple[str, ...], tuple[tuple[str, Handler], ...]] = {}

    async def register(self, method: Method[Request]) -> None:
        async def on_request(value: bytes, raw: bytes) -> None:
            await self._serve(method, value, raw)

        key = (method.name, *method.topic)
        grants = (grant_channel(self._service, *key), self._on_grant)
        requests = (request_channel(self._service, *key), on_request)
        self._subscribed[key] = (grants, requests)
        for channel, handler in (grants, requests):  # grants first, or an early one is missed
            await self._bus.subscribe(channel, handler)

    async def deregister(self, name: str, *topic: str) -> None:
        for channel, handler in self._subscribed.pop((name, *topic), ()):
            await self._bus.unsubscribe(channel, handler)

    async def _serve(self, method: Method[Request], value: bytes, raw: bytes) -> None:
        """Who asks grants one bid, so one process does the work; and queued as it is, it is bid for
        by who acquires it first (psrpc's `RequireClaim` and `Queue`)."""
        envelope = wire.Request.FromString(value)
        response = wire.Response(request_id=envelope.request_id, server_id=self._id)
        try:
            request = method.request.FromString(envelope.raw_request)
        except DecodeError as error:
            if _left(envelope) <= 0 or not await self._bus.acquire(raw):
                return
            response.error, response.code = str(error), "malformed_request"
        else:
            bid = 1.0 if method.affinity is None else await method.affinity(request)
            if _left(envelope) <= 0 or bid < 0 or not await self._bus.acquire(raw):
                return
            if not await self._granted(envelope, bid, _left(envelope)):
                return
            await self._answer(method, request, response, _left(envelope))
        response.sent_at = time.time_ns()
        try:
            await self._bus.publish(response_channel(self._service, envelope.client_id), response)
        except RpcError as error:
            log.warning("psrpc.answer_lost", method=method.name, error=error.message)

    async def _answer(
        self, method: Method[Request], request: Request, response: wire.Response, left: float
    ) -> None:
        try:
            async with asyncio.timeout(left):
                response.raw_response = (await method.handle(request)).SerializeToString()
        except RpcError as error:
            response.error, response.code = error.message, error.code
            response.error_details.extend(error.details)
        except TimeoutError:
            response.error, response.code = f"{method.name} timed out", "deadline_exceeded"
        except Exception as error:
            log.exception("psrpc.handler_failed", method=method.name)
            response.error, response.code = str(error) or type(error).__name__, "unknown"

    async def _granted(self, envelope: wire.Request, bid: float, left: float) -> bool:
        grant = self._grants[envelope.request_id] = asyncio.get_running_loop().create_future()
        claim = wire.ClaimRequest(request_id=envelope.request_id, server_id=self._id, affinity=bid)
        try:
            await self._bus.publish(claim_channel(self._service, envelope.client_id), claim)
            async with asyncio.timeout(left):
                return bool(await grant == self._id)
        except (TimeoutError, RpcError):
            return False
        finally:
            if self._grants.get(envelope.request_id) is grant:  # an id may come twice
                del self._grants[envelope.request_id]

    async def _on_grant(self, value: bytes, _: bytes) -> None:
        claim = wire.ClaimResponse.FromString(value)
        grant = self._grants.get(claim.request_id)
        if grant is not None and not grant.done():
            grant.set_result(claim.server_id)


def _left(envelope: wire.Request) -> float:
    """Seconds that who asked still waits."""
    return min(float(envelope.expiry - time.time_ns()) / 1e9, LONGEST_SECONDS)
