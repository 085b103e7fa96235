"""The person or machine behind a request."""

from __future__ import annotations

import ipaddress
from typing import Any

import msgspec
from litestar import Request

from gateway import roles
from gateway.errors import Problem

ONESELF = "self"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """`via` is session or key; `name` of a key starts with `key:`."""

    name: str
    display: str
    roles: tuple[str, ...]
    skills: tuple[str, ...] = ()
    via: str = "session"
    must_change: bool = False
    token_hash: str = ""

    def may(self, permission: str) -> bool:
        """With a password that somebody else has seen: change it, and nothing besides."""
        if self.must_change and permission != ONESELF:
            return False
        return roles.allowed(self.roles, permission)

    @property
    def masked(self) -> bool:
        return not self.may("numbers.read")

    def need(self, permission: str) -> None:
        """For what depends on the body of a request and not on its route alone."""
        if self.must_change and permission != ONESELF:
            raise Problem("must_change_password")
        if not self.may(permission):
            raise Problem("not_allowed", f"This needs the permission {permission}.")


def principal(request: Request[Any, Any, Any]) -> Principal:
    """The dependency `me` of every handler that is not public."""
    user = request.scope.get("user")
    if not isinstance(user, Principal):
        raise Problem("not_signed_in")
    return user


def came_from_here(scope: Any) -> bool:
    """From a program on this machine. What a proxy hands on came from elsewhere, even if the
    proxy is here."""
    names = {name for name, _ in scope.get("headers", ())}
    if names & {b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"}:
        return False
    client = scope.get("client")
    try:
        return bool(client) and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False
