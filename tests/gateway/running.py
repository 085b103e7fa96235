"""A real gateway on a free port, in the test's own event loop, and people who sign in to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from litestar import Litestar

from dialplans.contracts import events as ev
from gateway.app import create
from gateway.container import Container
from gateway.identity.people import NewPerson
from gateway.settings import Settings

PASSWORD = "correct horse battery"
KEY = "APItest"
SECRET = "a-secret-of-at-least-thirty-two-characters"


@dataclass
class Gateway:
    app: Litestar
    url: str
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def container(self) -> Container:
        found: Container = self.app.state["container"]
        return found

    def client(self, **headers: str) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            base_url=self.url,
            headers={"x-switchboard": "1", **headers},
            timeout=20,
            verify=False,  # nothing here is encrypted, and to read who may sign takes 40 ms
        )
        self._clients.append(client)
        return client

    async def add(self, name: str, *roles: str, skills: tuple[str, ...] = ()) -> None:
        await self.container.people.add(
            NewPerson(name=name, password=PASSWORD, roles=list(roles), skills=list(skills))
        )

    async def signed_in(self, role: str, *, name: str = "", **more: Any) -> httpx.AsyncClient:
        """A client with the session cookie of a new account that has this role."""
        name = name or f"{role}-person"
        await self.add(name, role, **more)
        client = self.client()
        answer = await client.post("/api/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return client

    async def happen(self, *events: ev.Event) -> None:
        """Events as a leg or a job writes them; returns when the table has them."""
        for event in events:
            await self.container.journal.append(event)
        last = events[-1]
        await until(lambda: self._stored(last))

    async def _stored(self, event: ev.Event) -> bool:
        return any(e.event.id == event.id for e in await self.container.records.entries(event.call))

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


async def until(ready: Callable[[], Awaitable[object]], *, within_s: float = 15.0) -> None:
    """Waits for something that happens by itself; how long it took is never asserted."""
    async with asyncio.timeout(within_s):
        while not await ready():
            await asyncio.sleep(0.02)


def settings_for(home: Path, redis_url: str, **more: Any) -> Settings:
    values: dict[str, Any] = {
        "home": home,
        "redis_url": redis_url,
        "livekit_url": "ws://127.0.0.1:9",
        "livekit_api_key": KEY,
        "livekit_api_secret": SECRET,
        "web_dist": home / "dist",
        "dialplan": home / "plan" / "main.yaml",
        **more,
    }
    return Settings(**values)


@contextlib.asynccontextmanager
async def running_gateway(settings: Settings, *, port: int = 0) -> AsyncIterator[Gateway]:
    app = create(settings)
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve(None))
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the gateway did not start")
        await asyncio.sleep(0.01)
    bound = server.servers[0].sockets[0].getsockname()[1]
    gateway = Gateway(app, f"http://127.0.0.1:{bound}")
    try:
        yield gateway
    finally:
        await gateway.close()
        server.should_exit = True
        await task


def started(call: str, **more: Any) -> ev.Started:
    values = {"called": "+442079460100", "caller": "+491701234567", "trunk": "local", **more}
    return ev.Started(call=call, source="bridge", **values)
