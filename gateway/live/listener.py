"""One open stream: a short queue of ready-made bytes, so that a slow reader harms nobody."""

from __future__ import annotations

import asyncio
from collections import deque

_QUEUE = 64


class Listener:
    """Chunks go in without waiting. When the reader is too slow the queue is thrown away and
    `lagged` is set: the reader starts again from a snapshot instead of from a hole."""

    def __init__(self, who: str, *, masked: bool) -> None:
        self.who = who
        self.masked = masked
        self.lagged = False
        self.closed = False
        self._chunks: deque[bytes] = deque()
        self._news = asyncio.Event()

    def push(self, chunk: bytes) -> None:
        if self.lagged or self.closed:
            return
        if len(self._chunks) >= _QUEUE:
            self._chunks.clear()
            self.lagged = True
        else:
            self._chunks.append(chunk)
        self._news.set()

    def close(self) -> None:
        """Nothing more is sent, not even what is queued."""
        self.closed = True
        self._chunks.clear()
        self._news.set()

    async def take(self, silence_s: float) -> bytes:
        """Everything queued, joined; empty after `silence_s` seconds of silence."""
        if not self._chunks and not self.lagged and not self.closed:
            try:
                async with asyncio.timeout(silence_s):
                    await self._news.wait()
            except TimeoutError:
                return b""
        self._news.clear()
        joined = b"".join(self._chunks)
        self._chunks.clear()
        return joined

    def caught_up(self) -> None:
        self.lagged = False
