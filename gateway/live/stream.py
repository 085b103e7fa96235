"""The two streams: everybody's rows, and one call as it is spoken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter
from litestar.response import Stream

from dialplans.contracts import events as ev
from gateway.identity.principal import Principal
from gateway.identity.revocation import Revocation
from gateway.live import frames
from gateway.live.feed import Feed
from gateway.live.listener import Listener
from gateway.live.live_state import Plan, Ringing
from gateway.records.call import Call
from gateway.records.lookup import CallId, known_call
from gateway.records.masking import masked
from gateway.records.store import Records

PING_S = 10.0
_REPLAY = 2000
"""Somebody who missed more rows than this gets a snapshot instead."""

LastId = Annotated[str | None, HeaderParameter(name="Last-Event-ID")]

_HEADERS = {"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


@get(
    "/api/events",
    opt={"may": "calls.read"},
    operation_id="streamEvents",
    summary="Live: a snapshot, then every change",
    tags=["Live"],
    media_type="text/event-stream",
)
async def stream_events(
    me: NamedDependency[Principal],
    feed: NamedDependency[Feed],
    records: NamedDependency[Records],
    revocation: NamedDependency[Revocation],
    last_event_id: LastId = None,
) -> Stream:
    """Server-sent events. With `Last-Event-ID` only what changed since is sent."""
    return _stream(_everything(Console(me, feed, records, revocation), _number(last_event_id)))


@get(
    "/api/calls/{call:str}/events",
    opt={"may": "calls.read"},
    operation_id="streamCall",
    summary="One call's events, from its beginning on and as they happen",
    tags=["Live"],
    media_type="text/event-stream",
)
async def stream_call(
    call: FromPath[CallId],
    me: NamedDependency[Principal],
    feed: NamedDependency[Feed],
    records: NamedDependency[Records],
    revocation: NamedDependency[Revocation],
    last_event_id: LastId = None,
) -> Stream:
    found = await known_call(records, call)
    console = Console(me, feed, records, revocation)
    return _stream(_one_call(console, found, _number(last_event_id) or 0))


class Console(msgspec.Struct, frozen=True):
    """Whoever opened a stream, and where it is fed from."""

    me: Principal
    feed: Feed
    records: Records
    revocation: Revocation


def _stream(chunks: AsyncIterator[bytes]) -> Stream:
    return Stream(chunks, media_type="text/event-stream", headers=_HEADERS)


async def _everything(console: Console, last: int | None) -> AsyncIterator[bytes]:
    feed, me = console.feed, console.me
    listener = feed.open(me.name, masked=me.masked)
    try:
        with console.revocation.holding(me, listener.close):
            yield frames.RETRY + await _catch_up(console, last)
            while not listener.closed:
                chunk = await listener.take(PING_S)
                if listener.lagged:
                    listener.caught_up()
                    chunk = _snapshot(console)
                if not listener.closed:
                    yield chunk or frames.PING
    finally:
        feed.leave(listener)


def _snapshot(console: Console) -> bytes:
    me = console.me
    return frames.snapshot(console.feed.live_state, me.name, datetime.now(UTC), hide=me.masked)


async def _catch_up(console: Console, last: int | None) -> bytes:
    live_state = console.feed.live_state
    if last is None or last > live_state.head:
        return _snapshot(console)
    missed: list[Call] = await console.records.changed_since(last, _REPLAY + 1)
    if len(missed) > _REPLAY:
        return _snapshot(console)
    rows = [frames.call(masked(c) if console.me.masked else c) for c in missed]
    seats = [frames.frame("desk", seat) for seat in live_state.seats.values()]
    # All that ring now: one that stopped ringing during the break must stop here too.
    offers = frames.frame("offers", Ringing(live_state.offers_for(console.me.name)))
    tiles = frames.frame("tiles", live_state.tiles(datetime.now(UTC)))
    plan = frames.frame("plan", Plan(live_state.revision))
    return b"".join([*rows, *seats, offers, tiles, plan])


async def _one_call(console: Console, found: Call, last: int) -> AsyncIterator[bytes]:
    feed, me = console.feed, console.me
    listener = feed.watch(found.id, me.name, masked=me.masked)
    # A number that the table never gave is from another time, and says nothing.
    listener.told = last if last <= await console.records.head() else 0
    try:
        with console.revocation.holding(me, listener.close):
            yield frames.RETRY + await _stored(console, listener, found.id)
            while not listener.closed and await _going_on(console, found.id):
                news = await _news(console, listener, found.id) or frames.PING
                if not listener.closed:
                    yield news
            if listener.closed:  # it is the stream that ends here, and not the call
                return
            rest = await _stored(console, listener, found.id)  # what came since the last news
            if not listener.closed:
                yield rest + frames.frame("end", {})
    finally:
        feed.leave(listener, found.id)


async def _news(console: Console, listener: Listener, name: str) -> bytes:
    chunk = await listener.take(PING_S)
    if listener.lagged:
        listener.caught_up()
        return await _stored(console, listener, name)
    return chunk


async def _stored(console: Console, listener: Listener, name: str) -> bytes:
    """What the table has and the listener does not, who then has it."""
    entries = await console.records.entries(name, listener.told)
    listener.told = max((e.seq or 0 for e in entries), default=listener.told)
    told = (e for e in entries if not isinstance(e.event, ev.Signalled))
    return b"".join(frames.entry(e, masked=console.me.masked) for e in told)


async def _going_on(console: Console, name: str) -> bool:
    if name in console.feed.live_state.live:
        return True
    call = await console.records.call(name)
    return call is not None and call.live
