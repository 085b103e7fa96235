"""The live state and its changes on their way to every open stream.

Each change is encoded once for those who may see numbers and once for those who may not, and
changes within 20 ms leave together.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from dialplans.contracts import events as ev
from gateway.live import frames
from gateway.live.listener import Listener
from gateway.live.live_state import LiveState
from gateway.live.pubsub import Committed, Message, Notice
from gateway.records.call import Call
from gateway.records.masking import masked
from gateway.records.store import Batch, Entry, Records

log = structlog.get_logger(__name__)

COALESCE_S = 0.02
_HOLE = 2000


class Feed:
    """`apply` takes what Redis brings; `open` gives somebody a stream."""

    def __init__(self, records: Records, live_state: LiveState) -> None:
        self.live_state = live_state
        self._records = records
        self._listeners: set[Listener] = set()
        self._watchers: dict[str, set[Listener]] = {}
        self._changed: dict[str, Call] = {}
        self._words: dict[str, Entry] = {}
        self._news = asyncio.Event()

    def open(self, who: str, *, masked: bool) -> Listener:
        listener = Listener(who, masked=masked)
        self._listeners.add(listener)
        return listener

    def watch(self, call: str, who: str, *, masked: bool) -> Listener:
        """A stream of one call's events instead of everybody's rows."""
        listener = Listener(who, masked=masked)
        self._watchers.setdefault(call, set()).add(listener)
        return listener

    def leave(self, listener: Listener, call: str | None = None) -> None:
        self._listeners.discard(listener)
        if call is not None and (watching := self._watchers.get(call)):
            watching.discard(listener)
            if not watching:
                del self._watchers[call]

    @property
    def open_streams(self) -> int:
        return len(self._listeners)

    def present(self) -> set[str]:
        """Who has a console open at this gateway."""
        return {listener.who for listener in self._listeners}

    def close(self) -> None:
        for listener in (*self._listeners, *(w for s in self._watchers.values() for w in s)):
            listener.close()

    async def apply(self, message: Message) -> None:
        match message:
            case Committed(batch):
                await self._committed(batch)
            case Notice(frame, data, to):
                self._notice(frame, data, to)

    async def _committed(self, batch: Batch) -> None:
        if (
            batch.head
            and batch.before != self.live_state.head
            and batch.head > self.live_state.head
        ):
            await self.catch_up(batch.before)
        for call in batch.rows:
            self._change(call)
        for entry in batch.entries:
            self._entry(entry)
        self.live_state.head = max(self.live_state.head, batch.head)
        self._news.set()

    async def catch_up(self, upto: int | None = None) -> None:
        """Fills a hole (a lost message, a gateway that died between commit and publish)."""
        start = self.live_state.head
        for call in await self._records.changed_since(start, _HOLE):
            self._change(call)
        for entry in await self._records.since(start, _HOLE):
            if upto is None or (entry.seq or 0) <= upto:
                self._entry(entry)
                self.live_state.head = max(self.live_state.head, entry.seq or 0)
        self._news.set()

    def _change(self, call: Call) -> None:
        if self.live_state.update(call):
            self._changed[call.id] = call

    def _entry(self, entry: Entry) -> None:
        if isinstance(entry.event, ev.Signalled):
            return  # large, and read in the record alone
        if isinstance(entry.event, ev.Turn):
            self.live_state.gap(entry.event)
        if entry.seq is None:
            self._words[entry.event.call] = entry
        watching = self._watchers.get(entry.event.call)
        if watching:
            for listener in watching:
                listener.push(frames.entry(entry, masked=listener.masked), entry.seq)

    def _notice(self, frame: str, data: msgspec.Raw, to: str | None) -> None:
        self.live_state.notice(frame, data)
        chunk = frames.raw(frame, bytes(data))
        for listener in self._listeners:
            if to is None or listener.who == to:
                listener.push(chunk)

    async def flush_forever(self) -> None:
        """The first change of a quiet moment leaves at once."""
        clock = asyncio.get_running_loop()
        flushed = 0.0
        while True:
            await self._news.wait()
            await asyncio.sleep(max(0.0, flushed + COALESCE_S - clock.time()))
            flushed = clock.time()
            self._news.clear()
            self._flush()

    def _flush(self) -> None:
        changed = sorted(self._changed.values(), key=lambda c: c.seq)
        words = list(self._words.values())
        self._changed, self._words = {}, {}
        for hide in (False, True):
            audience = [x for x in self._listeners if x.masked is hide]
            if not audience:
                continue
            rows = [frames.call(masked(c) if hide else c) for c in changed]
            chunk = b"".join([*rows, *(frames.words(w, masked=hide) for w in words)])
            for listener in audience:
                listener.push(chunk)

    async def tiles_forever(self) -> None:
        """Once a second, and only when a figure changed."""
        last: Any = None
        while True:
            await asyncio.sleep(1.0)
            self.live_state.prune(datetime.now(UTC))
            if not self._listeners:
                continue
            tiles = self.live_state.tiles(datetime.now(UTC))
            if tiles != last:
                last = tiles
                chunk = frames.frame("tiles", tiles)
                for listener in self._listeners:
                    listener.push(chunk)
