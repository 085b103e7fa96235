"""Every message that goes by, put to the call it belongs to, if it comes to be a call's.

A ladder begins with an INVITE. Until a record is named for it (`claim`) it is one of many that may
be a scanner's: all of those together have little room, and the oldest makes way.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dialplans.contracts.events import Signalled
from dialplans.contracts.outbox import Outbox
from dialplans.process.background import end
from sip.bridge.runtime.outbox import SOURCE
from sip.bridge.trace.ladder import Hop, Ladder

UNCLAIMED = 1000
UNCLAIMED_BYTES = 4 * 1024 * 1024
UNCLAIMED_SECONDS = 90.0
TOLD_EVERY = 5.0
"""Seconds between two events of one call, if there is anything to tell."""

LINGERS = 3.0
"""What comes after the end, such as the answer to our BYE, belongs to the call."""

_CALL_ID = re.compile(rb"^(?:call-id|i)[ \t]*:\s*(\S{1,256})", re.IGNORECASE | re.MULTILINE)
_INVITE = re.compile(rb"\s*INVITE ")
_HEAD = 16 * 1024

Told = Callable[[bytes, Hop, datetime, str], None]
"""Raw message, its hop, when, and the Call-ID: everything that goes by, whosever it is."""


@dataclass(eq=False)
class _Kept:
    since: float
    ladder: Ladder = field(default_factory=Ladder)
    call: str = ""
    leg: str | None = None
    told: float = 0.0
    over: float | None = None


class Recorder:
    """`local` is our own host:port. `on_message` is told of every message that has a Call-ID."""

    def __init__(self, outbox: Outbox, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.local = ""
        self.on_message: Told = lambda raw, hop, at, call_id: None
        self._outbox = outbox
        self._clock = clock
        self._calls: dict[str, _Kept] = {}
        self._unclaimed: OrderedDict[str, _Kept] = OrderedDict()
        self._unclaimed_bytes = 0
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._calls) + len(self._unclaimed)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """What is known is told."""
        await end(self._task)
        for call_id in tuple(self._calls):
            self._finish(call_id)

    def tap(self, raw: bytes, hop: Hop) -> None:
        """Each message, as it came or goes."""
        found = _CALL_ID.search(raw, 0, _HEAD)
        if found is None:
            return
        call_id, at = found[1].decode("utf-8", "replace"), datetime.now(UTC)
        self.on_message(raw, hop, at, call_id)
        kept = self._calls.get(call_id)
        invite = _INVITE.match(raw) is not None
        if kept is not None and kept.over is not None and invite and not hop.sent:
            self._finish(call_id)  # the same caller tries again
            kept = None
        if kept is not None:
            kept.ladder.add(raw, hop, at)
        elif invite or call_id in self._unclaimed:
            self._put_aside(call_id, raw, hop, at)

    def claim(self, call_id: str, call: str, leg: str | None = None) -> None:
        """The messages under this Call-ID are those of a record; from the first one on."""
        kept = self._unclaimed.pop(call_id, None)
        if kept is None:
            kept = self._calls.get(call_id) or _Kept(self._clock())
        else:
            self._unclaimed_bytes -= kept.ladder.size
        kept.call, kept.leg, kept.told = call, leg, self._clock()
        self._calls[call_id] = kept

    def over(self, call_id: str) -> None:
        """The call has ended. Nothing happens where it never was one."""
        kept = self._calls.get(call_id)
        if kept is not None and kept.over is None:
            kept.over = self._clock()

    def tell(self) -> None:
        """Events of what is new, as far as it is time for them; what is old is forgotten."""
        now = self._clock()
        for call_id, kept in tuple(self._calls.items()):
            if kept.over is not None and now - kept.over >= LINGERS:
                self._finish(call_id)
            elif now - kept.told >= TOLD_EVERY and kept.ladder.has_news:
                kept.told = now
                self._event(call_id, kept, over=False)
        while self._unclaimed:
            oldest = next(iter(self._unclaimed.values()))
            if now - oldest.since < UNCLAIMED_SECONDS:
                return
            self._drop_oldest()

    def _put_aside(self, call_id: str, raw: bytes, hop: Hop, at: datetime) -> None:
        kept = self._unclaimed.setdefault(call_id, _Kept(self._clock()))
        before = kept.ladder.size
        kept.ladder.add(raw, hop, at)
        self._unclaimed_bytes += kept.ladder.size - before
        while len(self._unclaimed) > UNCLAIMED or self._unclaimed_bytes > UNCLAIMED_BYTES:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        _, kept = self._unclaimed.popitem(last=False)
        self._unclaimed_bytes -= kept.ladder.size

    def _finish(self, call_id: str) -> None:
        self._event(call_id, self._calls.pop(call_id), over=True)

    def _event(self, call_id: str, kept: _Kept, *, over: bool) -> None:
        ladder = kept.ladder
        messages = ladder.fresh(over=over)
        if not messages and not (over and ladder.left_out):
            return
        self._outbox.add(
            Signalled(
                call=kept.call,
                source=SOURCE,
                dialogue=call_id,
                messages=messages,
                local=self.local,
                left_out=ladder.left_out,
                left_out_bytes=ladder.left_out_bytes,
                leg=kept.leg,
            )
        )

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.tell()
