"""One Redis connection that carries every channel of this process, and comes back by itself."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from google.protobuf.message import DecodeError, Message
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from dialplans.process.background import Tasks, end
from sip.bridge.psrpc.errors import RpcError
from sip.bridge.wire import psrpc_internal_pb2 as wire

log = structlog.get_logger()

TYPE_PREFIX = "type.googleapis.com/internal."
CLAIM_SECONDS = 5
"""How long a queued request stays taken: psrpc's own figure for its SET NX."""

RECONNECT_SECONDS = 0.2

Handler = Callable[[bytes, bytes], Coroutine[Any, Any, None]]
"""Gets the value of the envelope and the raw envelope."""


class Bus:
    """Subscriptions outlive the connection: when Redis comes back, every channel is taken again.

    A message published while Redis is away is lost, as with any publish and subscribe; callers
    see an `RpcError("unavailable")`.
    """

    def __init__(self, url: str) -> None:
        self.redis: Redis = Redis.from_url(url, socket_connect_timeout=2.0)
        self._handlers: dict[str, list[Handler]] = {}
        self._pubsub: PubSub | None = None
        self._reader: asyncio.Task[None] | None = None
        self._tasks = Tasks()
        self.connected = asyncio.Event()

    async def publish(self, channel: str, message: Message) -> int:
        """Returns how many connections heard it."""
        name = TYPE_PREFIX + message.DESCRIPTOR.name
        envelope = wire.Msg(type_url=name, value=message.SerializeToString())
        try:
            return int(await self.redis.publish(channel, envelope.SerializeToString()))
        except (RedisError, OSError) as error:
            raise RpcError("unavailable", f"Redis: {error}") from error

    async def subscribe(self, channel: str, handler: Handler) -> None:
        fresh = channel not in self._handlers
        self._handlers.setdefault(channel, []).append(handler)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
            await self.connected.wait()
        elif fresh and self._pubsub is not None:
            try:
                await self._pubsub.subscribe(channel)
            except (RedisError, OSError) as error:
                log.warning("psrpc.subscribe_later", channel=channel, error=str(error))

    async def unsubscribe(self, channel: str, handler: Handler) -> None:
        handlers = self._handlers.get(channel, [])
        if handler in handlers:
            handlers.remove(handler)
        if handlers or self._handlers.pop(channel, None) is None or self._pubsub is None:
            return
        try:
            await self._pubsub.unsubscribe(channel)
        except (RedisError, OSError) as error:
            log.warning("psrpc.unsubscribe_later", channel=channel, error=str(error))

    async def acquire(self, envelope: bytes) -> bool:
        """Whether this process is the one that takes a queued request."""
        key = base64.b64encode(hashlib.sha256(envelope).digest()).decode()
        try:
            taken = await self.redis.set(key, secrets.randbits(62), nx=True, ex=CLAIM_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("psrpc.claim_failed", error=str(error))
            return False
        return bool(taken)

    async def aclose(self) -> None:
        await end(self._reader)
        await self._tasks.aclose()
        await self.redis.aclose()

    async def _read(self) -> None:
        while True:
            pubsub = self.redis.pubsub(ignore_subscribe_messages=True)
            try:
                await pubsub.subscribe(*self._handlers)
                self._pubsub = pubsub
                self.connected.set()
                await self._drain(pubsub)
            except (RedisError, OSError) as error:
                log.warning("psrpc.redis_away", error=str(error))
            finally:
                self.connected.clear()
                self._pubsub = None
                await pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _drain(self, pubsub: PubSub) -> None:
        while True:
            message = await pubsub.get_message(timeout=None)
            if message is None or message["type"] != "message":
                continue
            raw: bytes = message["data"]
            try:
                value = wire.Msg.FromString(raw).value
            except DecodeError:
                continue
            for handler in tuple(self._handlers.get(message["channel"].decode(), ())):
                self._tasks.spawn(_heard(handler, value, raw))


async def _heard(handler: Handler, value: bytes, raw: bytes) -> None:
    """What is no message of the kind that the channel is for is nobody's."""
    try:
        await handler(value, raw)
    except DecodeError as error:
        log.debug("psrpc.malformed", error=str(error))
