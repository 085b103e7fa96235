"""The console's files: names with a hash are kept for good, the page itself is asked for again."""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.enums import ScopeType
from litestar.params import FromPath
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

from gateway import roles
from gateway.errors import Problem
from gateway.settings import Settings

NOT_PAGES: Final = ("api", "metrics", "health", "schema", "assets", "problems")
"""First parts of paths which never fall back to the page."""

_FOREVER = "public, max-age=31536000, immutable"


class ConsoleFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def find(self, path: str) -> tuple[bytes, str, str]:
        """Bytes, media type and cache rule. A path of the console's own routes is the page."""
        wanted = (self._folder / path.lstrip("/")).resolve()
        inside = wanted.is_relative_to(self._folder)
        if path.strip("/") and inside and wanted.is_file():
            kind = mimetypes.guess_type(wanted.name)[0] or "application/octet-stream"
            return wanted.read_bytes(), kind, _FOREVER if "/assets/" in path else "no-cache"
        page = self._folder / "index.html"
        if path.strip("/").split("/")[0] in NOT_PAGES or "." in Path(path).name:
            raise Problem("not_found", "There is no such address.")
        if not page.is_file():
            raise Problem("not_found", "The console is not built: run `make web`.")
        return page.read_bytes(), "text/html; charset=utf-8", "no-cache"


@get(
    ["/", "/{path:path}"],
    opt={"may": roles.PUBLIC},
    include_in_schema=False,
)
async def console(
    files: NamedDependency[ConsoleFiles], path: FromPath[str] = "/"
) -> Response[bytes]:
    body, kind, cache = await asyncio.to_thread(files.find, path)
    return Response(body, media_type=kind, headers={"cache-control": cache})


def harden(settings: Settings) -> BeforeMessageSendHookHandler:
    """Puts the security headers on every answer, also on refusals."""
    headers = [(n.encode(), v.encode()) for n, v in security_headers(settings).items()]

    async def dress(message: Message, scope: Scope) -> None:
        if message["type"] == "http.response.start" and scope["type"] == ScopeType.HTTP:
            message["headers"] = [*message["headers"], *headers]

    return dress


def security_headers(settings: Settings) -> dict[str, str]:
    """No foreign scripts, no frames, sound only from here; sockets to ourselves and to LiveKit."""
    livekit = settings.browser_livekit_url
    http = livekit.replace("ws", "http", 1)
    return {
        "content-security-policy": (
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
            f"connect-src 'self' {livekit} {http}; frame-ancestors 'none'; base-uri 'none'; "
            "form-action 'self'; object-src 'none'"
        ),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "permissions-policy": "microphone=(self), camera=(), geolocation=()",
        "cross-origin-opener-policy": "same-origin",
    }
