"""One media worker: the calls that signalling has given to this process."""

from __future__ import annotations

import asyncio
import os
import socket

import psutil
import structlog

from dialplans.process.background import Tasks, end
from sip.bridge.media.clock import Clock
from sip.bridge.room.reasons import Reason
from sip.bridge.runtime.garbage_collector import GarbageCollector
from sip.bridge.runtime.settings import Settings
from sip.bridge.workers.channel import Channel
from sip.bridge.workers.participant import Shared
from sip.bridge.workers.protocol import (
    Close,
    Closed,
    Down,
    EndCall,
    Gone,
    Load,
    NotJoined,
    Open,
    Progress,
    Rejoined,
    Up,
    decode_down,
    encode,
)
from sip.bridge.workers.session import Session

log = structlog.get_logger()

PROGRESS_SECONDS = 0.5
LAST_SECONDS = 5.0
MATTERS = (Gone, EndCall, Rejoined)
"""What is told to the next signalling process where there was none; Held has all else."""


class Worker:
    """Serves one signalling process at a time, over the channel of the newest."""

    def __init__(self, settings: Settings) -> None:
        self._shared = Shared(settings, Clock(), Tasks())
        self._channel: Channel | None = None
        self._sessions: dict[str, Session] = {}
        self._opening: dict[str, list[Down]] = {}
        """Calls whose socket is being taken over, and what was said of them meanwhile."""
        self._untold: list[Up] = []
        """What has happened while signalling was away."""
        self._garbage = GarbageCollector()
        self._process = psutil.Process()
        self._progress: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._garbage.start()
        self._progress = asyncio.create_task(self._tell_progress())

    def serve(self, connection: socket.socket) -> None:
        """A new one is told first of the calls that are here."""
        if self._channel is not None:
            self._channel.close()
        self._channel = channel = Channel(connection, self._received, self._lost)
        for session in self._sessions.values():
            channel.send(encode(session.held), [session.socket])
        untold, self._untold = self._untold, []
        for message in untold:
            self._tell(message)
        self._tell_load()

    async def aclose(self) -> None:
        """Every call's room is left."""
        await end(self._progress)
        closing = [
            session.close(Close(call=call, reason=Reason.CLIENT_INITIATED))
            for call, session in self._sessions.items()
        ]
        self._sessions.clear()
        await asyncio.wait_for(asyncio.gather(*closing, return_exceptions=True), LAST_SECONDS)
        await self._shared.tasks.aclose()
        await self._shared.clock.aclose()
        await self._garbage.aclose()
        if self._channel is not None:
            self._channel.close()

    def _lost(self) -> None:
        log.info("worker.signalling_gone", calls=len(self._sessions))

    def _tell(self, message: Up) -> None:
        if self._channel is not None and self._channel.open:
            self._channel.send(encode(message))
        elif isinstance(message, MATTERS):
            self._untold.append(message)

    def _received(self, raw: bytes, sockets: list[int]) -> None:
        try:
            message = decode_down(raw)
            self._take(message, sockets)
        except Exception:
            log.exception("worker.message_failed")
            for one in sockets:
                os.close(one)

    def _take(self, message: Down, sockets: list[int]) -> None:
        if isinstance(message, Open):
            (number,) = sockets
            sockets.clear()
            self._opening[message.call] = []
            self._shared.tasks.spawn(self._open(message, socket.socket(fileno=number)))
        elif message.call in self._opening:
            self._opening[message.call].append(message)
        elif (session := self._sessions.get(message.call)) is None:
            log.debug("worker.call_unknown", call=message.call)
        elif isinstance(message, Close):
            del self._sessions[message.call]
            self._shared.tasks.spawn(self._close(session, message))
        else:
            session.take(message)

    async def _open(self, message: Open, bound: socket.socket) -> None:
        call = message.call
        try:
            self._sessions[call] = await Session.open(self._shared, message, bound, self._tell)
        except Exception as error:
            log.exception("worker.call_failed", call=call)
            bound.close()
            self._tell(NotJoined(call=call, why=repr(error)))
        for waiting in self._opening.pop(call):
            self._take(waiting, [])

    async def _close(self, session: Session, message: Close) -> None:
        try:
            await session.close(message)
        except Exception:
            log.exception("worker.call_not_left", call=session.call)
            self._tell(Closed(call=session.call, figures=session.figures))
        self._garbage.call_ended()

    async def _tell_progress(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            for call, session in self._sessions.items():
                self._tell(Progress(call=call, figures=session.figures))
            self._tell_load()

    def _tell_load(self) -> None:
        clock, process = self._shared.clock, self._process
        late, clock.worst_late = clock.worst_late, 0.0
        cpu, resident = process.cpu_percent(None) / 100, process.memory_info().rss
        self._tell(Load(pid=process.pid, late=late, resident=resident, cpu=cpu))
