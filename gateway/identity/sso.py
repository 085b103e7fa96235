"""Single sign-on over HTTP, and the accounts it makes."""

from __future__ import annotations

import secrets
from typing import Annotated, Any
from urllib.parse import urlsplit

from litestar import Controller, Request, Response, get
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Redirect

from gateway import roles
from gateway.errors import Problem
from gateway.identity.me import session_cookie
from gateway.identity.oidc import Claims, Oidc
from gateway.identity.people import NewPerson, People
from gateway.identity.principal import Principal
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignInAttempts
from gateway.settings import Settings
from gateway.storage.audit import Audit

_STATE_COOKIE = "switchboard_sso"
_PATH = "/api/session/oidc"


class SsoController(Controller):
    path = _PATH
    tags = ("Session",)
    opt = {"may": roles.PUBLIC}  # noqa: RUF012 - Litestar reads it from the class

    @get(
        "/start",
        operation_id="startSso",
        summary="Go to the identity provider",
        status_code=302,
    )
    async def start(
        self,
        request: Request[Any, Any, Any],
        oidc: NamedDependency[Oidc],
        settings: NamedDependency[Settings],
        sign_in_attempts: NamedDependency[SignInAttempts],
        next_: Annotated[str, QueryParameter(name="next", max_length=2000)] = "/",
    ) -> Redirect:
        await sign_in_attempts.setting_out(sign_in_attempts.visitor(request))
        url, state = await oidc.start(_callback(request, settings), _local(next_))
        cookie = Cookie(
            _STATE_COOKIE,
            value=state,
            path=_PATH,
            httponly=True,
            samesite="lax",
            secure=settings.secure_cookie,
            max_age=600,
        )
        return Redirect(url, cookies=[cookie])

    @get(
        "/callback",
        operation_id="finishSso",
        summary="Come back from the identity provider",
        status_code=302,
    )
    async def callback(
        self,
        request: Request[Any, Any, Any],
        oidc: NamedDependency[Oidc],
        people: NamedDependency[People],
        sessions: NamedDependency[Sessions],
        settings: NamedDependency[Settings],
        sign_in_attempts: NamedDependency[SignInAttempts],
        audit: NamedDependency[Audit],
        code: Annotated[str, QueryParameter(max_length=2000)] = "",
        came_back: Annotated[str, QueryParameter(name="state", max_length=2000)] = "",
    ) -> Response[Any]:
        """Signs in only the browser that set out: its cookie must hold the same state."""
        ip = sign_in_attempts.ip(request.scope)
        set_out_with = request.cookies.get(_STATE_COOKIE, "")
        started_here = secrets.compare_digest(set_out_with.encode(), came_back.encode())
        if not oidc.on:
            raise Problem("oidc_off")
        if not code or not came_back or not started_here:
            await sign_in_attempts.wrong_ticket(ip, "single sign-on")
            return Redirect("/?sign_in=failed")
        try:
            claims, next_ = await oidc.finish(_callback(request, settings), code, came_back)
            who = await _account(claims, people, settings)
        except Problem as problem:
            await sign_in_attempts.wrong_ticket(ip, "single sign-on")
            why = "no_role" if problem.code == "not_allowed" else "failed"
            return Redirect(f"/?sign_in={why}")
        token = await sessions.begin(who, ip)
        await audit.write(who.name, "sign_in", ip=ip, detail={"how": "single sign-on"})
        return Redirect(next_, cookies=[session_cookie(token, settings)])


def _local(path: str) -> str:
    """Only a path of ours, so that nobody is sent to another site after signing in."""
    parts = urlsplit(path)
    good = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if good and not parts.scheme and not parts.netloc else "/"


async def _account(claims: Claims, people: People, settings: Settings) -> Principal:
    """The provider's roles count at each sign-in; who has none here is turned away."""
    wanted = [r for r in claims.roles if r in roles.ROLES] or list(settings.oidc.default_roles)
    if not wanted:
        raise Problem("not_allowed", "The identity provider gives you no role here.")
    known = await people.by_subject(claims.subject)
    if known is not None:
        if sorted(known.roles) != sorted(wanted):
            await people.change(known.name, {"roles": wanted})
    else:
        await _add(claims, wanted, people)
    who = await people.by_subject(claims.subject)
    if who is None:
        raise Problem("oidc_failed", "This account is disabled.")
    return who


async def _add(claims: Claims, wanted: list[str], people: People) -> None:
    """Never takes over a local account that happens to have the same name."""
    for name in (claims.name, f"{claims.name}-{secrets.token_hex(3)}"):
        try:
            await people.add(
                NewPerson(name=name, display=claims.display, roles=wanted, subject=claims.subject)
            )
        except Problem as problem:
            if problem.code != "conflict":
                raise
            continue
        return


def _callback(request: Request[Any, Any, Any], settings: Settings) -> str:
    base = settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return f"{base}{_PATH}/callback"
