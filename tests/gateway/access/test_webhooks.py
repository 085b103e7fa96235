"""LiveKit's webhooks: believed by their signature, and counted once."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import msgspec
from livekit import api

from tests.gateway.running import KEY, SECRET, Gateway, started, until

HOOK = "/api/livekit/webhook"


def signed(body: bytes, *, secret: str = SECRET) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    token = api.AccessToken(KEY, secret).with_sha256(digest).to_jwt()
    return {"authorization": token, "content-type": "application/webhook+json"}


def hook(event: str, **more: Any) -> bytes:
    body = {"event": event, "id": f"EV_{event}", "room": {"name": "call-1"}, **more}
    return msgspec.json.encode({"createdAt": "1795340000", **body})


async def test_a_webhook_is_believed_only_with_its_signature(gateway: Gateway) -> None:
    """The raw bytes are signed: another key, another body or a reformatted one is refused."""
    client = gateway.client()
    body = hook("participant_left", participant={"identity": "x"})

    right = await client.post(HOOK, content=body, headers=signed(body))
    other_key = await client.post(HOOK, content=body, headers=signed(body, secret="b" * 40))
    other_body = await client.post(HOOK, content=body + b" ", headers=signed(body))
    none = await client.post(HOOK, content=body)

    assert right.json() == {"fresh": True}
    assert [a.status_code for a in (other_key, other_body, none)] == [401, 401, 401]


async def test_a_webhook_counts_once(gateway: Gateway) -> None:
    """LiveKit repeats what it is not sure about; another gateway may get the second."""
    client = gateway.client()
    await gateway.happen(started("call-1"))
    body = hook("room_finished")

    first = await client.post(HOOK, content=body, headers=signed(body))
    second = await client.post(HOOK, content=body, headers=signed(body))

    async def over() -> bool:
        call = await gateway.container.records.call("call-1")
        return call is not None and call.cause == "room_closed"

    await until(over)
    assert (first.json()["fresh"], second.json()["fresh"]) == (True, False)
    assert len(await gateway.container.records.entries("call-1")) == 2
