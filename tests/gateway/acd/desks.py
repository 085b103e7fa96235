"""Desks of agents, and the offers that ring there."""

from __future__ import annotations

from typing import Any

import httpx

from dialplans.contracts import events as ev
from gateway.acd.watch import Patience
from tests.gateway.sse import EventSource

IMPATIENT = Patience(back=0.5, look_every=0.2)


def wanted(call: str, **more: Any) -> ev.PersonWanted:
    values = {"skills": ["billing"], "summary": "Disputes the June invoice.", **more}
    return ev.PersonWanted(call=call, source="agents", **values)


async def ready(client: httpx.AsyncClient) -> None:
    answer = await client.put("/api/desk", json={"state": "ready"})
    assert answer.status_code == 200, answer.text


async def offered(source: EventSource, within_s: float = 15) -> dict[str, Any]:
    found: dict[str, Any] = (await source.until("offer", within_s=within_s)).data
    return found
