"""Reading server-sent events as a browser does."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from dialplans.process.background import end


@dataclass(frozen=True)
class Frame:
    event: str
    data: Any
    id: int | None


class EventSource:
    """Frames as they come; `until` waits for one that a condition accepts."""

    def __init__(self) -> None:
        self.seen: list[Frame] = []
        self._queue: asyncio.Queue[Frame] = asyncio.Queue()
        self.pings = 0

    def feed(self, block: str) -> None:
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            if line.startswith(":"):
                self.pings += 1
                continue
            name, _, value = line.partition(": ")
            fields[name] = value
        if "data" in fields:
            number = int(fields["id"]) if "id" in fields else None
            frame = Frame(fields["event"], json.loads(fields["data"]), number)
            self.seen.append(frame)
            self._queue.put_nowait(frame)

    async def until(
        self, event: str, accept: Callable[[Any], object] = lambda _: True, within_s: float = 15
    ) -> Frame:
        async with asyncio.timeout(within_s):
            while True:
                frame = await self._queue.get()
                if frame.event == event and accept(frame.data):
                    return frame

    @property
    def last_id(self) -> int:
        return max(f.id for f in self.seen if f.id is not None)


@contextlib.asynccontextmanager
async def listening(
    client: httpx.AsyncClient, path: str = "/api/events", *, last: int | None = None
) -> AsyncIterator[EventSource]:
    source = EventSource()
    headers = {"last-event-id": str(last)} if last is not None else {}

    async def read() -> None:
        async with client.stream("GET", path, headers=headers, timeout=None) as answer:
            assert answer.status_code == 200, answer.status_code
            assert answer.headers["content-type"].startswith("text/event-stream")
            rest = ""
            async for text in answer.aiter_text():
                *blocks, rest = (rest + text).split("\n\n")
                for block in blocks:
                    source.feed(block)

    task = asyncio.create_task(read())
    try:
        yield source
    finally:
        await end(task)
