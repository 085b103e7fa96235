"""The middleware that recognises people, and the guard before every route."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.identity.sessions import KEY_PREFIX, Sessions
from gateway.identity.sign_in import SignInAttempts
from gateway.identity.throttling.throttle import TooMany
from gateway.roles import PUBLIC

COOKIE = "switchboard_session"
CSRF_HEADER = "x-switchboard"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Authenticate(ASGIMiddleware):
    """Puts the principal, None or why there is none into the scope; refuses nobody: the guard
    does, where the route is not public."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, sessions: Sessions, sign_in_attempts: SignInAttempts) -> None:
        self._sessions = sessions
        self._sign_in_attempts = sign_in_attempts

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        scope["user"] = await self._principal(connection)
        await next_app(scope, receive, send)

    async def _principal(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> Principal | Problem | None:
        kind, _, secret = connection.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and secret.startswith(KEY_PREFIX):
            return await self._machine(connection, secret)
        token = connection.cookies.get(COOKIE)
        return await self._sessions.by_cookie(token) if token else None

    async def _machine(
        self, connection: ASGIConnection[Any, Any, Any, Any], secret: str
    ) -> Principal | Problem | None:
        found = await self._sessions.by_key(secret)
        if found is None:
            try:
                await self._sign_in_attempts.wrong_ticket(
                    self._sign_in_attempts.ip(connection.scope), "api key"
                )
            except TooMany as problem:
                return problem
        return found


def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Every route names a permission or `public`; one that names neither is closed."""
    may = handler.opt.get("may")
    if "\0" in connection.url.path or "%00" in connection.url.query:
        raise Problem("invalid", "A zero byte is no part of any name here.")
    _check_origin(connection, handler)
    if may == PUBLIC:
        return
    user = connection.scope.get("user")
    if isinstance(user, Problem):
        raise user
    if not isinstance(user, Principal):
        raise Problem("not_signed_in")
    if may is None:
        raise Problem("not_allowed", "This is open to nobody.")
    user.need(may)


def _check_origin(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Other sites can make a browser send our cookie but not our header (Fetch §3.2: a custom
    header needs a preflight, which we never answer)."""
    method = str(connection.scope.get("method", "GET"))
    if method in _SAFE or handler.opt.get("csrf") is False:
        return
    user = connection.scope.get("user")
    if isinstance(user, Principal) and user.via == "key":
        return
    if CSRF_HEADER not in connection.headers:
        raise Problem("csrf", "The header X-Switchboard is missing.")
    origin = connection.headers.get("origin")
    if origin and origin != "null" and urlsplit(origin).netloc != connection.headers.get("host"):
        raise Problem("csrf", "The request came from another site.")
    if origin == "null":
        raise Problem("csrf", "The request came from a page without an address.")
