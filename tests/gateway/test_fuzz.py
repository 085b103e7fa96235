"""Schemathesis: whatever the description allows, the gateway answers as the description says."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copy, copytree
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.openapi import complete, permissions_by_operation
from tests.gateway.running import Gateway, running_gateway, settings_for, started
from tests.stack.servers import LiveKit

EXAMPLES = 8
"""For each operation; the whole walk stays well under a minute."""


@schemathesis.serializer("audio/wav", "application/webhook+json")
def raw(_context: Any, value: Any) -> bytes:
    """Bodies that are taken byte by byte are sent as whatever was thought of."""
    return bytes(getattr(value, "data", b"")) or str(value).encode()


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

_SKIPPED = {"streamEvents", "streamCall", "signOut", "changePassword", "ready", "startSso"}
"""Streams do not end; the next three would sign the walker out or need what is not there."""


class Served:
    """A gateway in a thread with a loop of its own, since this walk is not asynchronous."""

    def __init__(self, home: Path, redis_url: str, livekit: LiveKit) -> None:
        self._ready, self._over = threading.Event(), asyncio.Event()
        plan = home / "plan"
        copytree("dialplans/prompts", plan / "prompts")
        copy("dialplans/main.yaml", plan)
        self._settings = settings_for(
            home,
            redis_url,
            livekit_url=livekit.url,
            livekit_api_key=livekit.key,
            livekit_api_secret=livekit.secret,
        )
        self.loop: asyncio.AbstractEventLoop | None = None
        self.url = self.key = ""
        self.document: dict[str, Any] = {}
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self) -> None:
        self.loop = asyncio.get_running_loop()
        async with running_gateway(self._settings) as gateway:
            gateway.container.deployment.followed_within_s = 0.1
            await self._prepare(gateway)
            self._ready.set()
            await self._over.wait()

    async def _prepare(self, gateway: Gateway) -> None:
        self.url = gateway.url
        _, self.key = await gateway.container.sessions.add_key("fuzz", ["admin"])
        schema = gateway.app.openapi_schema.to_schema()
        self.document = complete(schema, permissions_by_operation(gateway.app))
        await gateway.happen(started("call-1"))

    @contextlib.contextmanager
    def __call__(self) -> Iterator[Served]:
        self._thread.start()
        assert self._ready.wait(60)
        try:
            yield self
        finally:
            assert self.loop is not None
            self.loop.call_soon_threadsafe(self._over.set)
            self._thread.join(30)


@pytest.fixture
def served(tmp_path: Path, redis_url: str, room_livekit: LiveKit) -> Iterator[Served]:
    with Served(tmp_path, redis_url, room_livekit)() as found:
        yield found


def test_nothing_the_description_allows_breaks_the_gateway(served: Served) -> None:
    """No 5xx, and no status, content type or document that the description does not have."""
    schema = schemathesis.openapi.from_dict(served.document)
    walked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw["operationId"] not in _SKIPPED:
            walked += 1
            _walk(operation, served)

    assert walked > 35


def _walk(operation: Any, served: Served) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def once(case: Any) -> None:
        answer = case.call(
            base_url=served.url, headers={"authorization": f"Bearer {served.key}"}, timeout=20
        )
        case.validate_response(answer, checks=CHECKS)

    once()
