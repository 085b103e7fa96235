"""Server-sent events as bytes (WHATWG HTML §9.2), made once for all who read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from dialplans.contracts import events as ev
from dialplans.contracts.actor import ActorKind
from gateway.live.live_state import LiveState
from gateway.live.seat import Offer, Seat
from gateway.live.tiles import Tiles
from gateway.records.call import Call
from gateway.records.masking import mask_text, masked, masked_event
from gateway.records.store import Entry

RETRY = b"retry: 1000\n\n"
PING = b": ping\n\n"

encode = msgspec.json.Encoder().encode


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at once; replaces whatever a console knew before."""

    seq: int
    now: datetime
    calls: list[Call]
    tiles: Tiles
    desk: list[Seat]
    offers: list[Offer]
    plan: str | None


class Spoken(msgspec.Struct, frozen=True):
    """Words that are still being spoken; they replace each other and are never stored."""

    call: str
    speaker: str
    role: str
    text: str


def raw(name: str, data: bytes, seq: int | None = None) -> bytes:
    number = b"" if seq is None else b"id: %d\n" % seq
    return b"%bevent: %b\ndata: %b\n\n" % (number, name.encode(), data)


def frame(name: str, data: Any, seq: int | None = None) -> bytes:
    return raw(name, encode(data), seq)


def call(row: Call) -> bytes:
    return frame("call", row, row.seq)


def words(entry: Entry, *, masked: bool) -> bytes:
    text = entry.event.text if isinstance(entry.event, ev.Heard) else ""
    spoken = Spoken(
        entry.event.call, ActorKind.CALLER, ActorKind.CALLER, mask_text(text) if masked else text
    )
    return frame("words", spoken)


def entry(item: Entry, *, masked: bool) -> bytes:
    shown = Entry(item.seq, masked_event(item.event)) if masked else item
    return frame("partial" if item.seq is None else "entry", shown, item.seq)


def snapshot(live_state: LiveState, who: str, now: datetime, *, hide: bool) -> bytes:
    calls = [masked(c) if hide else c for c in live_state.live.values()]
    data = Snapshot(
        seq=live_state.head,
        now=now,
        calls=calls,
        tiles=live_state.tiles(now),
        desk=list(live_state.seats.values()),
        offers=live_state.offers_for(who),
        plan=live_state.revision,
    )
    return frame("snapshot", data, live_state.head)
