"""LiveKit's webhooks: verified on the raw body, each taken once."""

from __future__ import annotations

from typing import Any

import structlog
from litestar import Request, post
from litestar.di import NamedDependency
from livekit import api
from redis.asyncio import Redis

from gateway import roles
from gateway.access.webhooks import Webhooks
from gateway.errors import Problem
from gateway.settings import Settings

log = structlog.get_logger(__name__)

_REMEMBER_S = 24 * 3600
_LARGEST = 256 * 1024


class Signature:
    """Checks that a body was signed with our key, byte for byte."""

    def __init__(self, settings: Settings) -> None:
        verifier = api.TokenVerifier(
            settings.livekit_api_key, settings.livekit_api_secret.get_secret_value()
        )
        self._receiver = api.WebhookReceiver(verifier)

    def event(self, body: bytes, token: str) -> api.WebhookEvent:
        try:
            return self._receiver.receive(body.decode(), token)
        except Exception as error:
            raise Problem("bad_signature") from error


@post(
    "/api/livekit/webhook",
    opt={"may": roles.PUBLIC, "csrf": False},
    operation_id="livekitWebhook",
    summary="LiveKit tells what happens in its rooms",
    tags=["Machines"],
    status_code=200,
)
async def livekit_webhook(
    request: Request[Any, Any, Any],
    redis: NamedDependency[Redis],
    signature: NamedDependency[Signature],
    webhooks: NamedDependency[Webhooks],
) -> dict[str, bool]:
    """A repeated event is answered with `fresh: false` and does nothing."""
    body = await request.body()
    if len(body) > _LARGEST:
        raise Problem("too_large")
    hook = signature.event(body, request.headers.get("authorization", ""))
    key = f"switchboard:webhook:{hook.id}"
    if not await redis.set(key, b"1", nx=True, ex=_REMEMBER_S):
        return {"fresh": False}
    try:
        await webhooks.take(hook)
    except Exception:
        await redis.delete(key)  # LiveKit tries again
        raise
    return {"fresh": True}
