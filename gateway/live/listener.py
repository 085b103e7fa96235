"""One open stream: a short queue of ready-made bytes, so that a slow reader harms nobody."""

from __future__ import annotations

import asyncio
from collections import deque

_QUEUE = 64


class Listener:
    """Chunks go in without waiting. When the reader is too slow the queue is thrown away and
    `lagged` is set: the reader starts again from a snapshot instead of from a hole.

    `told` is the number of the last entry that the reader has. What is queued with that number or
    a smaller one was told already, from the table or by another gateway, and is left out.
    """

    def __init__(self, who: str, *, masked: bool) -> None:
        self.who = who
        self.masked = masked
        self.told = 0
        self.lagged = False
        self.closed = False
        self._chunks: deque[tuple[bytes, int | None]] = deque()
        self._news = asyncio.Event()

    def push(self, chunk: bytes, seq: int | None = None) -> None:
        if self.lagged or self.closed:
            return
        if len(self._chunks) >= _QUEUE:
            self._chunks.clear()
            self.lagged = True
        else:
            self._chunks.append((chunk, seq))
        self._news.set()

    def close(self) -> None:
        """Nothing more is sent, not even what is queued."""
        self.closed = True
        self._chunks.clear()
        self._news.set()

    async def take(self, silence_s: float) -> bytes:
        """Everything queued that is news, joined; empty after `silence_s` seconds of silence."""
        if not self._chunks and not self.lagged and not self.closed:
            try:
                async with asyncio.timeout(silence_s):
                    await self._news.wait()
            except TimeoutError:
                return b""
        self._news.clear()
        news = []
        for chunk, seq in self._chunks:
            if seq is None or seq > self.told:
                news.append(chunk)
                self.told = seq or self.told
        self._chunks.clear()
        return b"".join(news)

    def caught_up(self) -> None:
        self.lagged = False
