"""`/health` and `/metrics` over HTTP, small enough to do by hand."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass

REQUEST_SECONDS = 5.0
MAX_REQUEST = 8192


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    content_type: str = "application/json"


Pages = Callable[[str], Answer]

_WORDS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 429: "Too Many Requests"}


def json_answer(status: int, content: object) -> Answer:
    return Answer(status, json.dumps(content).encode() + b"\n")


class HttpServer:
    """GET only, one request a connection."""

    def __init__(self, address: tuple[str, int], pages: Pages) -> None:
        self.address = address
        self._pages = pages
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, *self.address, limit=MAX_REQUEST)
        self.address = (self.address[0], self._server.sockets[0].getsockname()[1])

    async def aclose(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, EOFError, TimeoutError):
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                method, path, *_ = head.split(b"\r\n", 1)[0].decode("latin-1").split()
                answer = self._pages(path) if method == "GET" else Answer(405, b"")
                writer.write(_encode(answer))
                await writer.drain()
        writer.close()


def _encode(answer: Answer) -> bytes:
    words = _WORDS.get(answer.status, "Service Unavailable")
    head = (
        f"HTTP/1.1 {answer.status} {words}\r\nContent-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + answer.body
