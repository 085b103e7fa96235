"""The headers that keep a browser from doing with our pages what nobody wants it to."""

from __future__ import annotations

from litestar.enums import ScopeType
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

from gateway.settings import Settings

TALK = "/talk"
"""The one page that others may show in a frame: it knows no session, and no call but its own."""

Headers = list[tuple[bytes, bytes]]


def harden(settings: Settings) -> BeforeMessageSendHookHandler:
    """Puts the security headers on every answer, also on refusals."""
    ours = _encoded(security_headers(settings))
    talk = _encoded(security_headers(settings, framed=True))

    async def dress(message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start" and scope["type"] == ScopeType.HTTP:
            headers = talk if scope["path"].rstrip("/") == TALK else ours
            message["headers"] = [*message["headers"], *headers]

    return dress


def _encoded(headers: dict[str, str]) -> Headers:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def security_headers(settings: Settings, *, framed: bool = False) -> dict[str, str]:
    """No foreign scripts, sound only from here; sockets to ourselves and to LiveKit. In a frame
    only what is `framed`, and only on the pages of origins that the settings name."""
    livekit = settings.browser_livekit_url
    http = livekit.replace("ws", "http", 1)
    ancestors = " ".join(("'self'", *settings.widget_origins)) if framed else "'none'"
    headers = {
        "content-security-policy": (
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
            f"connect-src 'self' {livekit} {http}; frame-ancestors {ancestors}; "
            "base-uri 'none'; form-action 'self'; object-src 'none'"
        ),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "microphone=(self), camera=(), geolocation=()",
        "cross-origin-opener-policy": "same-origin",
    }
    # The older header knows no list of origins, and a browser that has both obeys the policy.
    return headers if framed else {**headers, "x-frame-options": "DENY"}
