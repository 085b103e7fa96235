"""`/health` and `/metrics` of the leg, as a balancer and a scraper ask for them."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from sip.bridge.runtime import health
from sip.bridge.runtime.health import Answer, HttpServer, json_answer


def pages(path: str) -> Answer:
    if path == "/health":
        return json_answer(429, {"state": "full"})
    return Answer(404, b"")


async def test_an_answer_is_sent_as_it_was_given_and_the_connection_ends_with_it() -> None:
    server = HttpServer(("127.0.0.1", 0), pages)
    await server.start()
    url = f"http://127.0.0.1:{server.address[1]}"
    try:
        async with httpx.AsyncClient() as client:
            full = await client.get(f"{url}/health?why")
            missing = await client.get(f"{url}/other")
            posted = await client.post(f"{url}/health")
    finally:
        await server.aclose()

    assert (full.status_code, full.text) == (429, '{"state": "full"}\n')
    assert full.headers["content-type"] == "application/json"
    assert full.headers["connection"] == "close"
    assert (missing.status_code, missing.content) == (404, b"")
    assert (posted.status_code, posted.content) == (405, b"")


async def test_whoever_does_not_ask_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that say nothing do not add up in a process that carries calls."""
    monkeypatch.setattr(health, "REQUEST_SECONDS", 0.1)
    server = HttpServer(("127.0.0.1", 0), pages)
    await server.start()
    try:
        reader, writer = await asyncio.open_connection(*server.address)
        writer.write(b"GET /health HTTP/1.1\r\n")
        said = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    finally:
        await server.aclose()

    assert said == b""


async def test_a_port_that_is_taken_is_an_error_of_the_system() -> None:
    first = HttpServer(("127.0.0.1", 0), pages)
    await first.start()
    try:
        with pytest.raises(OSError, match="in use"):
            await HttpServer(first.address, pages).start()
    finally:
        await first.aclose()
