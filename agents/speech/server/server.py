"""The socket: many connections, many questions on each, answered as they are ready."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog

from agents.speech.models.synthesiser import NoVoiceError
from agents.speech.server.engine import Engine
from agents.speech.server.worker_pool import WorkItem
from dialplans.contracts.speech_wire import (
    NO_VOICE,
    URGENT,
    Audio,
    Cancel,
    Describe,
    Done,
    Failed,
    Hurry,
    Learn,
    Message,
    Recognise,
    Recognised,
    Request,
    Synthesise,
    Understand,
    Understood,
    frame,
    read_request,
)

log = structlog.get_logger(__name__)


async def serve(engine: Engine, path: Path, stop: asyncio.Event) -> None:
    """Serves until `stop`; the socket is the owner's alone and is removed again.

    Raises OSError if another speech process has the socket: two would be one too many.
    """
    _make_way(path)
    connections: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await Connection(engine, reader, writer).run()
        finally:
            connections.discard(task)

    old_mask = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(accept, str(path), limit=1 << 20)
    finally:
        os.umask(old_mask)
    log.info("speech.ready", socket=str(path), models=engine.recogniser.models())
    try:
        await stop.wait()
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        _leave(path)


def _make_way(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise FileExistsError(f"{path} is there and is not a socket")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)  # left behind by a process that was killed
            return
    raise FileExistsError(f"another speech process serves {path}")


def _leave(path: Path) -> None:
    path.unlink(missing_ok=True)


class Connection:
    """One job's connection. When it closes, what it asked and nobody began is dropped."""

    def __init__(
        self, engine: Engine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._writer = writer
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._jobs: dict[int, WorkItem[Any]] = {}

    async def run(self) -> None:
        try:
            while True:
                self._take(await read_request(self._reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except (msgspec.MsgspecError, ValueError) as error:
            log.warning("speech.bad_frame", error=str(error))
            self._send(Failed(code="bad_request", detail=str(error)))
        finally:
            for task in list(self._tasks.values()):
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    def _take(self, request: Request) -> None:
        if isinstance(request, Cancel):
            if task := self._tasks.get(request.of):
                task.cancel()
        elif isinstance(request, Hurry):
            if job := self._jobs.get(request.of):
                self._engine.hearing.hurry(job, request.priority)
        else:
            task = asyncio.create_task(self._answer(request))
            self._tasks[request.id] = task
            task.add_done_callback(lambda _: self._forget(request.id))

    def _forget(self, asked: int) -> None:
        self._tasks.pop(asked, None)
        self._jobs.pop(asked, None)

    async def _answer(self, request: Request) -> None:
        handlers: dict[type, Callable[[Any], Awaitable[Message]]] = {
            Recognise: self._recognise,
            Synthesise: self._synthesise,
            Learn: self._learn,
            Understand: self._understand,
            Describe: self._describe,
        }
        try:
            reply = await handlers[type(request)](request)
        except asyncio.CancelledError:
            self._engine.figures.count("cancelled")
            reply = Failed(code="cancelled")
        except NoVoiceError as error:
            reply = Failed(code=NO_VOICE, detail=str(error))
        except Exception as error:  # one bad question must not end the others' calls
            log.exception("speech.broken", question=type(request).__name__)
            reply = Failed(code="broken", detail=str(error))
        self._send(msgspec.structs.replace(reply, id=request.id))
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def _recognise(self, request: Recognise) -> Recognised:
        job = self._engine.hear(request)
        self._jobs[request.id] = job
        began = time.perf_counter()
        heard = await job.result()
        took = (time.perf_counter() - began - job.waited_s) * 1000
        self._engine.figures.took("wait", job.waited_s * 1000)
        if request.priority != URGENT:
            self._engine.figures.count("speculative_used")
        return Recognised(
            text=heard.text,
            language=request.language,
            confidence=heard.confidence,
            ms=round(took, 1),
            waited_ms=round(job.waited_s * 1000, 1),
        )

    async def _synthesise(self, request: Synthesise) -> Audio:
        sentences = self._engine.synthesiser.say(
            request.text, request.language, voice=request.voice, keep=request.keep
        )
        while (pcm := await self._engine.say(sentences, request.priority).result()) is not None:
            self._send(Audio(id=request.id, pcm=pcm))
            await self._writer.drain()
        return Audio(pcm=b"", last=True)

    async def _learn(self, request: Learn) -> Done:
        await self._engine.learn(request).result()
        return Done()

    async def _understand(self, request: Understand) -> Message:
        if request.digest not in self._engine.sets:
            return Failed(code="unknown_intents", detail=request.digest)
        began = time.perf_counter()
        ranked = await self._engine.understand(
            request.text, request.digest, language=request.language, among=request.among
        ).result()
        if ranked.intent is None:
            self._engine.figures.count("not_understood")
        return Understood(
            intent=ranked.intent,
            score=round(ranked.score, 3),
            best=ranked.best,
            second=ranked.second,
            ms=round((time.perf_counter() - began) * 1000, 1),
        )

    async def _describe(self, request: Describe) -> Message:
        return self._engine.describe()

    def _send(self, message: Message) -> None:
        if not self._writer.is_closing():
            self._writer.write(frame(message))
