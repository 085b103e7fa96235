"""The audit trail is searched: anywhere in a row, and by when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.storage.audit import Audit, AuditFilter
from gateway.storage.database import Database
from tests.gateway.running import Gateway


async def found(database_url: str, **wanted: object) -> list[str]:
    """What was done, newest first, of a trail of four."""
    database = Database(database_url)
    try:
        await database.migrate()
        audit = Audit(database)
        await audit.write("sue", "takeover", call="sip__+442079460100_a1")
        await audit.write("olga", "dialplan.apply", detail={"revision": "beef%01"})
        await audit.write("ada", "user.change", detail={"added": "jörg", "roles": ["agent"]})
        await audit.write("ANN", "sign_in", ip="192.0.2.7", detail={"how": "password"})
        return [row.action for row in await audit.find(AuditFilter(**wanted))]  # type: ignore[arg-type]
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("Sue", ["takeover"]),
        ("ann", ["sign_in"]),
        ("9460100", ["takeover"]),
        ("192.0.2.", ["sign_in"]),
        ("BEEF", ["dialplan.apply"]),
        ("beef%", ["dialplan.apply"]),
        ("%", ["dialplan.apply"]),
        ("_a1", ["takeover"]),
        ("jörg", ["user.change"]),
        ("nobody", []),
        (" \0", ["sign_in", "user.change", "dialplan.apply", "takeover"]),
    ],
)
async def test_words_are_found_wherever_they_stand(
    database_url: str, text: str, actions: list[str]
) -> None:
    """Signs that mean something to a database mean themselves."""
    assert await found(database_url, q=text) == actions


async def test_a_row_is_found_by_when(database_url: str) -> None:
    now = datetime.now(UTC)
    hour = timedelta(hours=1)

    assert len(await found(database_url, since=now - hour, until=now + hour)) == 4
    assert await found(database_url, until=now - hour) == []
    assert await found(database_url, since=now + hour) == []


async def test_an_administrator_searches_it(gateway: Gateway) -> None:
    """A time without its zone is nobody's time."""
    admin = await gateway.signed_in("admin")
    await admin.post("/api/keys", json={"name": "wallboard", "roles": ["viewer"]})

    rows = (await admin.get("/api/audit", params={"q": "WALL"})).json()["items"]
    none = await admin.get("/api/audit", params={"q": "wall", "until": "2020-01-01T00:00:00Z"})
    vague = await admin.get("/api/audit", params={"since": "2026-01-01T00:00:00"})

    assert [row["detail"]["added"] for row in rows] == ["wallboard"]
    assert none.json()["items"] == []
    assert vague.status_code == 400
