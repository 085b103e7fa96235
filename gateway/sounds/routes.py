"""Hearing what was kept: recordings of calls, and messages that callers left."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from redis.asyncio import Redis

from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.identity.revocation import Revocation
from gateway.records.lookup import CallId, known_call
from gateway.records.store import Records
from gateway.sounds import ranges
from gateway.sounds.sound_files import TYPES, Kept, Kind, SoundFiles, kind_of
from gateway.storage.audit import Audit

SoundId = Annotated[str, msgspec.Meta(max_length=64)]

Guard = Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]

_ONE_HEARING = timedelta(minutes=10)
"""A player asks again and again for parts of what somebody hears once."""


class Hearing:
    """One per request's listener: finds the sound, and writes down who hears it."""

    def __init__(self, records: Records, files: SoundFiles, audit: Audit, redis: Redis) -> None:
        self._records = records
        self._files = files
        self._audit = audit
        self._redis = redis

    async def open(self, call: str, sound: str, kind: Kind, me: Principal) -> Path:
        """The file, once the trail says that it is heard. Raises Problem."""
        found = await known_call(self._records, call)
        entries = await self._records.entries(found.id)
        event = next(
            (
                e.event
                for e in entries
                if e.event.id == sound and isinstance(e.event, Kept) and kind_of(e.event) == kind
            ),
            None,
        )
        if event is None:
            raise Problem("not_found", "This call has no such sound.")
        file = await asyncio.to_thread(self._files.find, event)
        if file is None:
            raise Problem("not_found", "The sound is not kept any longer, or not on this host.")
        await self._note(found.id, event, me)
        return file

    async def _note(self, call: str, event: Kept, me: Principal) -> None:
        once = hashlib.sha256(f"{me.name}\0{event.id}".encode()).hexdigest()[:32]
        lasts = _ONE_HEARING + timedelta(seconds=event.seconds)
        key = f"switchboard:hearing:{once}"
        if not await self._redis.set(key, b"1", nx=True, ex=lasts):
            return
        try:
            about = {"sound": kind_of(event), "file": event.file}
            await self._audit.write(me.name, "hear", call=call, detail=about)
        except BaseException:
            await self._redis.delete(key)  # nobody hears anything that is not written down
            raise


async def sent(file: Path, request: Request[Any, Any, Any], guard: Guard) -> Response[Any]:
    """All of it, or the part that was asked for (RFC 9110 §14), as long as `guard` lets it out."""
    about = await asyncio.to_thread(file.stat)
    tag = f'"{about.st_mtime_ns:x}-{about.st_size:x}"'
    headers = {"accept-ranges": "bytes", "cache-control": "private, no-store", "etag": tag}
    asked = request.headers.get("range", "")
    if request.headers.get("if-range", tag) != tag:
        asked = ""
    try:
        part = ranges.part(asked, about.st_size)
    except ranges.UnsatisfiableError as error:
        raise Problem(
            "range",
            f"The sound has {about.st_size} bytes.",
            headers={"content-range": f"bytes */{about.st_size}"},
        ) from error
    wanted = range(about.st_size) if part is None else part
    headers["content-length"] = str(len(wanted))
    if part is not None:
        headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{about.st_size}"
    return Stream(
        guard(ranges.read(file, wanted)),
        status_code=200 if part is None else 206,
        media_type=TYPES[file.suffix],
        headers=headers,
    )


class SoundController(Controller):
    path = "/api/calls/{call:str}"
    tags = ("Calls",)

    @get(
        "/recordings/{sound:str}",
        opt={"may": "recordings.hear"},
        operation_id="hearRecording",
        summary="The sound of a call, the caller left and us right",
        media_type="audio/ogg",
    )
    async def recording(
        self,
        call: FromPath[CallId],
        sound: FromPath[SoundId],
        request: Request[Any, Any, Any],
        me: NamedDependency[Principal],
        hearing: NamedDependency[Hearing],
        revocation: NamedDependency[Revocation],
    ) -> Response[Any]:
        """In parts if wanted (`Range`). Who hears it is in the audit trail and in the record."""
        guard = partial(revocation.guarded, me)
        return await sent(await hearing.open(call, sound, "recording", me), request, guard)

    @get(
        "/messages/{sound:str}",
        opt={"may": "messages.hear"},
        operation_id="hearMessage",
        summary="What a caller said to a mailbox",
        media_type="audio/wav",
    )
    async def message(
        self,
        call: FromPath[CallId],
        sound: FromPath[SoundId],
        request: Request[Any, Any, Any],
        me: NamedDependency[Principal],
        hearing: NamedDependency[Hearing],
        revocation: NamedDependency[Revocation],
    ) -> Response[Any]:
        """As for recordings."""
        guard = partial(revocation.guarded, me)
        return await sent(await hearing.open(call, sound, "message", me), request, guard)
