"""A password that somebody else has seen can do nothing but be changed."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from gateway.cli.users import first_admin
from gateway.identity.people import NewPerson
from tests.gateway.running import PASSWORD, Gateway, started
from tests.gateway.test_roles import asked, handlers

OPEN = {"whoAmI", "changePassword", "signOut"}


async def newcomer(gateway: Gateway, *roles: str) -> httpx.AsyncClient:
    await gateway.container.people.add(
        NewPerson(name="new", password=PASSWORD, roles=list(roles), must_change=True)
    )
    client = gateway.client()
    answer = await client.post("/api/session", json={"name": "new", "password": PASSWORD})
    assert answer.status_code == 201
    return client


@pytest.mark.parametrize("role", ["viewer", "admin"])
async def test_every_route_but_those_about_oneself_is_shut(gateway: Gateway, role: str) -> None:
    """With a code of its own, so that the console knows what to show; streams and tokens too."""
    client = await newcomer(gateway, role)
    wrong = []
    for method, path, handler in handlers(gateway.app):
        shut = handler.opt.get("may") != "public" and not path.startswith("/schema")
        if not shut or handler.operation_id in OPEN:
            continue
        found = await asked(client, method, path)
        if found.status_code != 403 or b"must_change_password" not in found.content[:400]:
            wrong.append(f"{method} {path}: {found.status_code}")

    assert [w for w in wrong if not w.startswith("HEAD")] == []


async def test_public_routes_give_no_more_than_to_a_stranger(gateway: Gateway) -> None:
    """A way into a call, and figures from elsewhere, ask for a right that is not there yet."""
    client = await newcomer(gateway, "admin")
    await gateway.happen(started("call-1"))

    token = await client.post("/api/tokens", json={"purpose": "call", "call": "call-1"})
    figures = await client.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})

    assert (token.status_code, token.json()["code"]) == (403, "must_change_password")
    assert (figures.status_code, figures.json()["code"]) == (403, "must_change_password")


async def test_after_the_change_everything_is_open(gateway: Gateway) -> None:
    """Who they are and that they have to change it is told all the while; the same password again
    is no change."""
    client = await newcomer(gateway, "admin")
    me: dict[str, Any] = (await client.get("/api/session")).json()
    same = await client.post("/api/session/password", json={"old": PASSWORD, "new": PASSWORD})
    done = await client.post("/api/session/password", json={"old": PASSWORD, "new": PASSWORD + "2"})
    await client.post("/api/session", json={"name": "new", "password": PASSWORD + "2"})

    assert (me["must_change_password"], me["may"], me["masked"]) == (True, ["self"], True)
    assert (same.status_code, done.status_code) == (400, 204)
    assert (await client.get("/api/users")).status_code == 200


async def test_the_first_admins_password_is_such_a_one(gateway: Gateway, tmp_path: Any) -> None:
    """The one that is printed at the first start stands in a scroll-back buffer."""
    settings = gateway.container.settings
    made = await asyncio.to_thread(first_admin, settings)
    client = gateway.client()
    await client.post("/api/session", json={"name": "admin", "password": made})

    assert (await client.get("/api/users")).json()["code"] == "must_change_password"
    assert (await client.delete("/api/session")).status_code == 204


async def test_an_account_made_or_reset_by_an_admin_has_such_a_password(gateway: Gateway) -> None:
    """The administrator has seen it."""
    admin = await gateway.signed_in("admin", name="root")
    await admin.post("/api/users", json={"name": "vera", "password": PASSWORD, "roles": ["viewer"]})
    await gateway.add("ann", "agent")
    await admin.patch("/api/users/ann", json={"password": PASSWORD + "3"})
    codes = []
    for name, password in (("vera", PASSWORD), ("ann", PASSWORD + "3")):
        client = gateway.client()
        await client.post("/api/session", json={"name": name, "password": password})
        codes.append((await client.get("/api/calls")).json().get("code"))

    assert codes == ["must_change_password"] * 2
