"""`/health` and `/metrics` over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

REQUEST_SECONDS = 5.0
"""Whoever has not asked by then is not waited for."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    content_type: str = "application/json"


Pages = Callable[[str], Answer]


def json_answer(status: int, content: object) -> Answer:
    return Answer(status, json.dumps(content).encode() + b"\n")


class HttpServer:
    """GET only, one request a connection."""

    def __init__(self, address: tuple[str, int], pages: Pages) -> None:
        self.address = address
        self._pages = pages
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        server = web.Server(self._serve, access_log=None, keepalive_timeout=REQUEST_SECONDS)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self.address).start()
        self.address = (self.address[0], self._runner.addresses[0][1])

    async def aclose(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.BaseRequest) -> web.Response:
        answer = self._pages(request.path) if request.method == "GET" else Answer(405, b"")
        response = web.Response(
            status=answer.status, body=answer.body, headers={"Content-Type": answer.content_type}
        )
        response.force_close()
        return response
