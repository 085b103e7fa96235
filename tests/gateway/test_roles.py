"""Every route, every role: the table in `gateway/roles.py` is what happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from gateway.roles import PERMISSIONS, PUBLIC, ROLES, allowed
from tests.gateway.running import Gateway

_FILL = {
    "call": "call-none",
    "name": "nobody",
    "offer": "none",
    "revision": "none",
    "path": "",
    "sound": "none",
}
_SILENT = {"streamEvents", "signOut"}
"""A stream never ends, and whoever signs out is out for the rest of the walk."""


def handlers(app: Litestar) -> list[tuple[str, str, Any]]:
    return [
        (str(method), route.path_format, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods - {"OPTIONS"}
    ]


async def asked(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """With a body that is understood by nothing: permissions are checked before bodies."""
    return await client.request(method, path.format(**_FILL), json=[])


async def test_each_route_lets_in_exactly_whom_the_table_names(gateway: Gateway) -> None:
    """A role without the permission gets 403, one with it anything else, nobody gets 401."""
    stranger = gateway.client()
    clients = {role: await gateway.signed_in(role) for role in ROLES}
    wrong = []
    for method, path, handler in handlers(gateway.app):
        may = handler.opt.get("may")
        if may == PUBLIC or handler.operation_id in _SILENT or path.startswith("/schema"):
            continue
        found = await asked(stranger, method, path)
        if found.status_code != 401:
            wrong.append(f"{method} {path} nobody: {found.status_code}")
        for role, client in clients.items():
            found = await asked(client, method, path)
            refused = found.status_code == 403 and "permission " + may in found.text
            if refused == allowed([role], may) or found.status_code >= 500:
                wrong.append(f"{method} {path} {role}: {found.status_code} {found.text[:80]}")

    assert wrong == []


async def test_every_route_names_a_permission_of_the_table(gateway: Gateway) -> None:
    """A new route without one is closed, and this test says which it is."""
    nameless = [
        f"{method} {path}"
        for method, path, handler in handlers(gateway.app)
        if handler.opt.get("may") not in {*PERMISSIONS, PUBLIC} and not path.startswith("/schema")
    ]

    assert nameless == []


def test_the_readme_shows_the_table_as_it_is() -> None:
    """Permission by permission, role by role; nobody has to read code to know who may what."""
    page = (Path(__file__).parents[2] / "gateway" / "README.md").read_text("utf-8")
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in page.split("\n")]
    shown = {
        row[0].strip("`"): {role for role, yes in zip(ROLES, row[2:], strict=True) if yes == "yes"}
        for row in rows
        if len(row) == 2 + len(ROLES) and row[0].startswith("`")
    }

    assert shown == PERMISSIONS


async def test_only_these_routes_are_public(gateway: Gateway) -> None:
    """Whoever makes another one public has to say so here."""
    public = {
        f"{method} {path}"
        for method, path, handler in handlers(gateway.app)
        if handler.opt.get("may") == PUBLIC and method != "HEAD" and not path.startswith("/schema")
    }

    assert public == {
        "GET /",
        "GET /{path}",
        "GET /api/session/options",
        "GET /api/session/oidc/start",
        "GET /api/session/oidc/callback",
        "GET /api/web/numbers",
        "GET /health",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
        "POST /api/session",
        "POST /api/tokens",
        "POST /api/livekit/webhook",
    }


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge", "takeover"])
async def test_modes_have_permissions_of_their_own(gateway: Gateway, mode: str) -> None:
    """An agent may read a call and still take no part in it."""
    client = await gateway.signed_in("agent")

    answer = await client.post("/api/calls/call-none/mode", json={"mode": mode})

    assert answer.status_code == 403
    assert f"calls.{mode}" in answer.json()["detail"]


async def test_an_admin_may_do_everything() -> None:
    """There is no permission that locks the administrator out."""
    assert all("admin" in who for who in PERMISSIONS.values())
