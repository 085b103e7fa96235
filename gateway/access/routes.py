"""`POST /api/tokens`: one address for everybody who needs a way into a room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from gateway import roles
from gateway.access.tokens import Connection, Identities
from gateway.access.web_calls import WebCalls
from gateway.client_address import Network, client_ip
from gateway.errors import Problem
from gateway.identity.principal import Principal
from gateway.routing.current import WebNumber


class CallerWish(msgspec.Struct, frozen=True, kw_only=True, tag_field="purpose", tag="caller"):
    """Somebody on the web wants to talk to this number; nobody needs to be signed in."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class CallWish(msgspec.Struct, frozen=True, kw_only=True, tag_field="purpose", tag="call"):
    """Somebody who takes part in a call needs a way in again. `have`: the identities this tab is
    connected with now."""

    call: Annotated[str, msgspec.Meta(min_length=1, max_length=160)]
    have: Identities = []


class Tokens(msgspec.Struct, frozen=True):
    call: str
    connections: list[Connection]


Again = Callable[[str, Principal, list[str]], Awaitable[tuple[str, list[Connection]]]]


class TokenIssuer:
    """One dependency of the route, and not five: Litestar starts a task for each, and a token must
    not take long. `again` is for whoever takes part in a call already."""

    def __init__(self, webcalls: WebCalls, again: Again, *, proxies: tuple[Network, ...]) -> None:
        self.caller = webcalls.begin
        self.again = again
        self.proxies = proxies


class WebNumbers(msgspec.Struct, frozen=True):
    items: list[WebNumber]


@post(
    "/api/tokens",
    opt={"may": roles.PUBLIC},
    operation_id="makeToken",
    summary="A way into a room",
    tags=["Tokens"],
)
async def make_token(
    data: JSONBody[CallerWish | CallWish],
    request: Request[Any, Any, Any],
    token_issuer: NamedDependency[TokenIssuer],
) -> Tokens:
    """Short-lived, one room, the least that the purpose needs, a new identity each time."""
    if isinstance(data, CallerWish):
        ip = client_ip(request.scope, token_issuer.proxies)
        call, connection = await token_issuer.caller(data.number, ip)
        return Tokens(call, [connection])
    me = request.scope.get("user")
    if isinstance(me, Problem):
        raise me
    if not isinstance(me, Principal):
        raise Problem("not_signed_in")
    me.need("calls.read")
    return Tokens(*await token_issuer.again(data.call, me, data.have))


@get(
    "/api/web/numbers",
    opt={"may": roles.PUBLIC},
    operation_id="webNumbers",
    summary="The numbers that callers on the web may choose from",
    tags=["Tokens"],
)
async def web_numbers(webcalls: NamedDependency[WebCalls]) -> WebNumbers:
    return WebNumbers(await webcalls.numbers())
