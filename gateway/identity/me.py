"""Signing in and out, and one's own account."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody

from gateway import roles
from gateway.errors import Problem
from gateway.identity import passwords
from gateway.identity.guard import COOKIE
from gateway.identity.people import People
from gateway.identity.principal import Principal
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignInAttempts
from gateway.settings import Settings
from gateway.storage.audit import Audit

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class SignIn(msgspec.Struct, frozen=True):
    name: Name
    password: Password


class Me(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    display: str
    roles: list[str]
    skills: list[str]
    may: list[str]
    masked: bool
    must_change_password: bool


class Provider(msgspec.Struct, frozen=True):
    name: str
    url: str


class Options(msgspec.Struct, frozen=True):
    """How one can sign in here."""

    local: bool
    oidc: Provider | None


class NewPassword(msgspec.Struct, frozen=True):
    old: Password
    new: Password


def me_of(who: Principal) -> Me:
    return Me(
        name=who.name,
        display=who.display,
        roles=list(who.roles),
        skills=list(who.skills),
        may=[p for p in roles.permissions(who.roles) if who.may(p)],
        masked=who.masked,
        must_change_password=who.must_change,
    )


def session_cookie(token: str, settings: Settings) -> Cookie:
    return Cookie(
        COOKIE,
        value=token,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookie,
        max_age=settings.session_hours * 3600,
    )


class SessionController(Controller):
    path = "/api/session"
    tags = ("Session",)

    @post(opt={"may": roles.PUBLIC}, operation_id="signIn", summary="Sign in")
    async def sign_in(
        self,
        data: JSONBody[SignIn],
        request: Request[Any, Any, Any],
        sign_in_attempts: NamedDependency[SignInAttempts],
        sessions: NamedDependency[Sessions],
        settings: NamedDependency[Settings],
        audit: NamedDependency[Audit],
    ) -> Response[Me]:
        """Wrong tries are counted by name and by address and make the next one wait (429 with
        `Retry-After`), at most a minute; 503 where too many sign in at once."""
        visitor = sign_in_attempts.visitor(request)
        who = await sign_in_attempts.sign_in(data.name, data.password, visitor)
        token = await sessions.begin(who, visitor.ip)
        await audit.write(who.name, "sign_in", ip=visitor.ip, detail={"how": "password"})
        # The session's last: simple clients keep only that one.
        cookies = [sign_in_attempts.cookie(who.name), session_cookie(token, settings)]
        return Response(me_of(who), status_code=201, cookies=cookies)

    @get(opt={"may": "self"}, operation_id="whoAmI", summary="Who am I, what may I")
    async def who_am_i(self, me: NamedDependency[Principal]) -> Me:
        return me_of(me)

    @delete(opt={"may": "self"}, operation_id="signOut", summary="Sign out")
    async def sign_out(
        self,
        me: NamedDependency[Principal],
        sessions: NamedDependency[Sessions],
        audit: NamedDependency[Audit],
    ) -> Response[None]:
        await sessions.end(me.token_hash)
        await audit.write(me.name, "sign_out")
        gone = Response(None, status_code=204)
        gone.delete_cookie(COOKIE, path="/")
        return gone

    @post(
        "/password",
        opt={"may": "self"},
        operation_id="changePassword",
        summary="Change my password",
        status_code=204,
    )
    async def change_password(
        self,
        data: JSONBody[NewPassword],
        me: NamedDependency[Principal],
        people: NamedDependency[People],
        sessions: NamedDependency[Sessions],
        sign_in_attempts: NamedDependency[SignInAttempts],
        audit: NamedDependency[Audit],
    ) -> None:
        """Ends every session of mine, this one too. Wrong old ones make the next try wait."""
        if not await sign_in_attempts.same_person(me, data.old):
            raise Problem("wrong_password")
        passwords.check_strength(data.new)
        if data.new == data.old:
            raise Problem("invalid", "This is the password until now: choose another one.")
        await people.change(me.name, {"password": data.new})
        sessions.forget()
        await audit.write(me.name, "user.change", detail={"what": ["password"]})

    @get(
        "/options",
        opt={"may": roles.PUBLIC},
        operation_id="signInOptions",
        summary="How one can sign in",
        sync_to_thread=False,
    )
    def options(self, settings: NamedDependency[Settings]) -> Options:
        on = bool(settings.oidc.issuer)
        return Options(
            True, Provider(settings.oidc.name, "/api/session/oidc/start") if on else None
        )
