"""The stream's reader: every event reaches the table exactly once, however often we die.

Events are acknowledged after their commit; what a dead gateway read and never acknowledged is
claimed by a living one. Several gateways share the work through one consumer group.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy.exc import SQLAlchemyError

from dialplans.contracts import events as ev
from dialplans.contracts.masking import masked_event
from gateway.records.store import Batch, Entry, Records

log = structlog.get_logger(__name__)

GROUP = "gateway"
REJECTED = "switchboard:events:rejected"
"""Documents that are no event of the schema, or cannot be stored; kept for a person to look at."""

REJECTED_AT = "switchboard:events:rejected:at"
"""When each was put aside, in the same order: they are forgotten like calls."""

_AWAY = (RedisError, SQLAlchemyError, OSError)

_AT_ONCE = 200
_BLOCK_MS = 2000
_PACE_S = 0.04
"""The first event of a quiet moment is stored at once; while it is busy, what comes within this
time is one transaction and one message to the consoles, which costs a third of one each."""

_PUT_ASIDE = 1000
_CLAIM_AFTER_MS = 5000
_CLAIM_EVERY_S = 2.0

Publish = Callable[[Batch], Awaitable[None]]
Message = tuple[bytes, dict[bytes, bytes]]


class EventConsumer:
    def __init__(self, redis: Redis, records: Records, publish: Publish) -> None:
        self._redis = redis
        self._records = records
        self._publish = publish
        self._name = f"gateway-{secrets.token_hex(4)}"

    async def run(self) -> None:
        """Until cancelled. Redis or the database away: waits and goes on where it was."""
        wait = 0.1
        while True:
            try:
                await self._group()
                await self._read()
            except _AWAY as error:
                log.warning("ledger.waiting", error=type(error).__name__, pii_detail=str(error))
                await asyncio.sleep(wait)
                wait = min(wait * 2, 5.0)
            else:
                wait = 0.1

    async def _group(self) -> None:
        try:
            await self._redis.xgroup_create(ev.STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _read(self) -> None:
        clock = asyncio.get_running_loop()
        claim_at = clock.time()
        await self._take(await self._own_pending())
        while True:
            if clock.time() >= claim_at:
                claim_at = clock.time() + _CLAIM_EVERY_S
                await self._take(await self._orphans())
            found: Any = await self._redis.xreadgroup(
                GROUP, self._name, {ev.STREAM: ">"}, count=_AT_ONCE, block=_BLOCK_MS
            )
            began = clock.time()
            await self._take(_messages(found))
            if found:
                await asyncio.sleep(max(0.0, began + _PACE_S - clock.time()))

    async def _own_pending(self) -> list[Message]:
        found: Any = await self._redis.xreadgroup(
            GROUP, self._name, {ev.STREAM: "0"}, count=_AT_ONCE
        )
        return _messages(found)

    async def _orphans(self) -> list[Message]:
        claimed: Any = await self._redis.xautoclaim(
            ev.STREAM, GROUP, self._name, min_idle_time=_CLAIM_AFTER_MS, count=_AT_ONCE
        )
        return [m for m in claimed[1] if m[1]]

    async def _take(self, messages: list[Message]) -> None:
        if not messages:
            return
        events, interim = await self._decode(messages)
        *batches, last = await self._store(events) or [Batch(0, 0, [], [])]
        last = msgspec.structs.replace(last, entries=[*last.entries, *interim])
        for batch in (*batches, last):
            if batch.entries:
                await self._publish(batch)
        await self._redis.xack(ev.STREAM, GROUP, *(m[0] for m in messages))

    async def _store(self, events: list[ev.Event]) -> list[Batch]:
        """One event that breaks us must not keep all that come after it from being stored."""
        try:
            return [await self._records.append(events)]
        except _AWAY:
            raise
        except Exception as error:
            if len(events) > 1:
                return [batch for event in events for batch in await self._store([event])]
            log.error("ledger.unstorable", kind=events[0].kind, exc_info=error)
            await self._reject(ev.encode(events[0]))
            return []

    async def _decode(self, messages: list[Message]) -> tuple[list[ev.Event], list[Entry]]:
        events: list[ev.Event] = []
        interim: list[Entry] = []
        for number, fields in messages:
            raw = fields.get(ev.Journal.FIELD.encode(), b"")
            try:
                event = ev.decode(raw)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                log.error("ledger.rejected", number=number.decode(), error=str(error))
                await self._reject(raw)
                continue
            event = masked_event(event, values=False)  # as its worker did, or should have done
            if isinstance(event, ev.Heard) and not event.final:
                interim.append(Entry(None, event))
            else:
                events.append(event)
        return events, interim

    async def _reject(self, raw: bytes) -> None:
        async with self._redis.pipeline(transaction=True) as both:
            both.lpush(REJECTED, raw)
            both.lpush(REJECTED_AT, time.time())
            both.ltrim(REJECTED, 0, _PUT_ASIDE - 1)
            both.ltrim(REJECTED_AT, 0, _PUT_ASIDE - 1)
            await both.execute()


def _messages(found: Any) -> list[Message]:
    """Redis answers a list of (stream, messages), or a mapping under the newer protocol."""
    if not found:
        return []
    pairs = found.items() if isinstance(found, dict) else found
    messages: list[Message] = []
    for _, entries in pairs:
        flat = entries
        if flat and isinstance(flat[0], list):  # RESP3 nests one list deeper
            flat = [message for inner in entries for message in inner]
        messages.extend((m[0], m[1]) for m in flat if m[1])
    return messages
