"""The media workers that signalling has, and which of them takes a call."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from pathlib import Path
from typing import Protocol

import structlog
from livekit.protocol.models import DisconnectReason

from dialplans.process.background import end, first_of
from sip.bridge.workers.channel import Channel
from sip.bridge.workers.protocol import (
    Close,
    Down,
    Held,
    Load,
    Open,
    Up,
    decode_up,
    encode,
)

log = structlog.get_logger()

AGAIN_SECONDS = 0.05
SLOW_SECONDS = 2.0
"""A worker that does not answer by then is not waited for."""
SETTLING = 0.05
"""The weight of the last half second in a worker's share of its core: a burst is no load."""


class Found:
    """A call that a worker has from an earlier signalling process, and the socket of its sound."""

    def __init__(self, link: WorkerLink, held: Held, bound: socket.socket) -> None:
        self.link = link
        self.held = held
        self.later: list[Up] = []
        """What the worker has said of the call since."""
        self._bound: socket.socket | None = bound

    def take_socket(self) -> socket.socket:
        """It is the taker's from now on."""
        bound, self._bound = self._bound, None
        assert bound is not None
        return bound

    def leave(self) -> None:
        """Nobody goes on with the call."""
        if self._bound is not None:
            self._bound.close()
            self.link.tell(Close(call=self.held.call, reason=DisconnectReason.CLIENT_INITIATED))


class WorkerLink:
    """The way to one worker that is there."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.calls: dict[str, HasCall] = {}
        self.found: list[Found] = []
        """Calls of an earlier signalling process that nobody has looked at yet."""
        self.cpu = 0.0
        self.load = Load(pid=0, late=0.0, resident=0, cpu=0.0)
        self.worst_late = 0.0
        self.there = asyncio.Event()
        """It has said something: a connection alone may be one to a worker that is yet to start."""
        self.lost = asyncio.Event()
        self._channel: Channel | None = None

    def begin(self, connection: socket.socket) -> None:
        self._channel = Channel(connection, self._received, self.lost.set)

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()

    def tell(self, message: Down) -> None:
        if self._channel is not None:
            self._channel.send(encode(message))

    def take_found(self) -> list[Found]:
        found, self.found = self.found, []
        return found

    def open(self, call: HasCall) -> None:
        self.calls[call.call] = call
        if self._channel is not None:
            self._channel.send(encode(call.opened(self)), [call.socket])

    def _received(self, raw: bytes, sockets: list[int]) -> None:
        try:
            message = decode_up(raw)
            if isinstance(message, Load):
                self._note(message)
            elif isinstance(message, Held):
                self.found.append(Found(self, message, socket.socket(fileno=sockets.pop())))
            elif (call := self.calls.get(message.call)) is not None:
                call.receive(message)
            else:
                for found in self.found:
                    if found.held.call == message.call:
                        found.later.append(message)
        except Exception:
            log.exception("worker.message_failed", worker=self.index)

    def _note(self, load: Load) -> None:
        self.load = load
        self.there.set()
        self.cpu += SETTLING * (load.cpu - self.cpu)
        self.worst_late = max(self.worst_late, load.late)


class HasCall(Protocol):
    """A call that wants a worker."""

    @property
    def call(self) -> str: ...

    @property
    def socket(self) -> int: ...

    def opened(self, link: WorkerLink) -> Open: ...

    def receive(self, message: Up) -> None: ...

    def worker_lost(self) -> None: ...


class Pool:
    """Workers listen at `folder`/0, /1 and so on. One that dies is waited for: whoever started it
    starts it again."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._count = count
        self._links: dict[int, WorkerLink] = {}
        self._waiting: deque[HasCall] = deque()
        self._keeping: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()

    async def start(self) -> None:
        """Returns when the first worker is there, and when all are that are not just starting."""
        self._keeping = [asyncio.create_task(self._keep(index)) for index in range(self._count)]
        await self._ready.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SLOW_SECONDS):
                while self.there < self._count:  # noqa: ASYNC110 - once, at the start
                    await asyncio.sleep(AGAIN_SECONDS)

    def take_found(self) -> list[Found]:
        """Calls of an earlier signalling process, once."""
        return [one for link in self._links.values() for one in link.take_found()]

    async def aclose(self) -> None:
        await end(*self._keeping)

    @property
    def there(self) -> int:
        return len(self._links)

    @property
    def cpu(self) -> float:
        """The share of a core that the least busy worker has taken over the last ten seconds."""
        return min((link.cpu for link in self._links.values()), default=0.0)

    @property
    def resident(self) -> int:
        return sum(link.load.resident for link in self._links.values())

    def shown(self) -> list[dict[str, object]]:
        """Each worker that is there, for whoever looks after the machine."""
        return [
            {"pid": link.load.pid, "calls": len(link.calls), "cpu": round(link.cpu, 3)}
            for link in self._links.values()
        ]

    def take_worst_late(self) -> float:
        """Seconds that a clock was late at worst since this was last asked."""
        worst = max((link.worst_late for link in self._links.values()), default=0.0)
        for link in self._links.values():
            link.worst_late = 0.0
        return worst

    def place(self, call: HasCall) -> None:
        """With the worker that has the fewest calls; without any, the next that comes."""
        if not self._links:
            self._waiting.append(call)
            return
        link = min(self._links.values(), key=lambda link: (len(link.calls), link.cpu))
        link.open(call)

    def forget(self, call: HasCall) -> None:
        for link in self._links.values():
            if link.calls.get(call.call) is call:
                del link.calls[call.call]
        if call in self._waiting:
            self._waiting.remove(call)

    async def _keep(self, index: int) -> None:
        while True:
            link = WorkerLink(index)
            try:
                link.begin(await self._connect(index))
                await first_of(link.there, link.lost)
                if not link.lost.is_set():
                    self._take_in(link)
                await link.lost.wait()
            finally:
                self._links.pop(index, None)
                link.close()
            if link.there.is_set():
                log.warning("worker.lost", worker=index, calls=len(link.calls))
            for call in tuple(link.calls.values()):
                call.worker_lost()

    def _take_in(self, link: WorkerLink) -> None:
        self._links[link.index] = link
        self._ready.set()
        while self._waiting:
            self.place(self._waiting.popleft())

    async def _connect(self, index: int) -> socket.socket:
        """The parent holds the listening end, so this waits for the worker and does not fail."""
        path = str(self._folder / str(index))
        loop = asyncio.get_running_loop()
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            connection.setblocking(False)
            try:
                await loop.sock_connect(connection, path)
            except OSError:
                connection.close()
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return connection
