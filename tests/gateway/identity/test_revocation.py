"""What is open on a credential ends with the credential, however and wherever that was ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from dialplans.process.background import end
from gateway.identity.people import People
from gateway.identity.revocation import RevokedError
from gateway.identity.sessions import Sessions
from gateway.storage.database import Database
from gateway.storage.tables import person, session
from tests.gateway import rooms
from tests.gateway.acd.desks import wanted
from tests.gateway.running import PASSWORD, Gateway, running_gateway, settings_for, started
from tests.gateway.sse import listening
from tests.stack.servers import LiveKit

CALL = "call-442079460100-aa"
NEW = {"old": PASSWORD, "new": PASSWORD + " and more"}


@contextlib.asynccontextmanager
async def open_stream(client: httpx.AsyncClient, path: str) -> AsyncIterator[asyncio.Task[bytes]]:
    """A stream that has begun; the task is done, with all that was sent, when it has ended."""
    begun = asyncio.Event()
    sent = bytearray()

    async def read() -> bytes:
        async with client.stream("GET", path, timeout=None) as answer:
            assert answer.status_code == 200
            async for chunk in answer.aiter_raw():
                sent.extend(chunk)
                begun.set()
        return bytes(sent)

    task = asyncio.create_task(read())
    await begun.wait()
    try:
        yield task
    finally:
        await end(task)


async def in_the_table(gateway: Gateway, statement: object) -> None:
    async with gateway.container.database.write() as connection:
        await connection.execute(statement)  # type: ignore[call-overload]


async def by_command_line(gateway: Gateway, work: Callable[[Database], Awaitable[object]]) -> None:
    """As `switchboard user …` does it: another process, which knows the database alone."""
    database = Database(gateway.container.settings.database_url)
    try:
        await work(database)
    finally:
        await database.close()


End = Callable[[Gateway, httpx.AsyncClient, httpx.AsyncClient], Awaitable[object]]


def _patched(**changes: object) -> End:
    return lambda _g, admin, _me: admin.patch("/api/users/ann", json=changes)


ENDS: dict[str, End] = {
    "disabled": _patched(disabled=True),
    "demoted": _patched(roles=["viewer"]),
    "promoted": _patched(roles=["admin"]),
    "password reset": _patched(password=PASSWORD + "!"),
    "own new password": lambda _g, _a, me: me.post("/api/session/password", json=NEW),
    "signed out": lambda _g, _a, me: me.delete("/api/session"),
    "signed out by an admin": lambda _g, admin, _me: admin.delete("/api/users/ann/sessions"),
    "expired": lambda g, _a, _me: in_the_table(
        g,
        update(session)
        .where(session.c.name == "ann")
        .values(expires_at=datetime.now(UTC) - timedelta(seconds=1)),
    ),
    "roles changed by hand": lambda g, _a, _me: in_the_table(
        g, update(person).where(person.c.name == "ann").values(roles=["viewer"])
    ),
    "disabled from the command line": lambda g, _a, _me: by_command_line(
        g, lambda database: People(database).change("ann", {"disabled": True})
    ),
    "signed out from the command line": lambda g, _a, _me: by_command_line(
        g, lambda database: Sessions(database, hours=1).end_all("ann")
    ),
}


@pytest.mark.parametrize("how", ENDS)
async def test_streams_end_with_the_session_they_were_opened_on(gateway: Gateway, how: str) -> None:
    """Everybody's rows and one call's words; others' streams go on; whoever comes back with the
    old cookie is a stranger, or sees what their new role shows."""
    admin = await gateway.signed_in("admin", name="root")
    ann = await gateway.signed_in("agent", name="ann")
    bob = await gateway.signed_in("agent", name="bob")
    cookie = ann.cookies["switchboard_session"]
    await gateway.happen(started(CALL))
    async with (
        open_stream(ann, "/api/events") as rows,
        open_stream(ann, f"/api/calls/{CALL}/events") as words,
        listening(bob) as others,
    ):
        await others.until("snapshot")
        await ENDS[how](gateway, admin, ann)
        async with asyncio.timeout(15):
            seen, heard = await rows, await words
        await gateway.happen(started("call-later", caller="+491709999999"))
        await others.until("call", lambda d: d["id"] == "call-later")

    back = gateway.client(cookie=f"switchboard_session={cookie}")
    again = await back.get("/api/calls")

    assert b"9999999" not in seen
    assert b"event: end" not in heard
    assert again.status_code == 401 or "9999999" not in again.text


async def test_a_machines_stream_ends_with_its_key(gateway: Gateway) -> None:
    """A wallboard is no exception."""
    admin = await gateway.signed_in("admin")
    made = (await admin.post("/api/keys", json={"name": "wall", "roles": ["viewer"]})).json()
    machine = gateway.client(authorization=f"Bearer {made['secret']}")

    async with open_stream(machine, "/api/events") as rows:
        await admin.delete("/api/keys/wall")
        async with asyncio.timeout(15):
            await rows

    assert (await machine.get("/api/events")).status_code == 401


async def test_a_stream_at_another_gateway_ends_as_well(tmp_path: Path, redis_url: str) -> None:
    """Two processes, one table: whichever is told, both act."""
    settings = settings_for(tmp_path, redis_url)
    async with running_gateway(settings) as one, running_gateway(settings) as two:
        admin = await one.signed_in("admin")
        await one.add("ann", "agent")
        ann = two.client()
        await ann.post("/api/session", json={"name": "ann", "password": PASSWORD})
        async with open_stream(ann, "/api/events") as rows:
            await admin.patch("/api/users/ann", json={"disabled": True})
            async with asyncio.timeout(15):
                await rows
        after = await ann.get("/api/session")

    assert after.status_code == 401


async def test_a_browser_that_comes_back_after_the_end_resumes_nothing(gateway: Gateway) -> None:
    """`Last-Event-ID` is no ticket; after a new sign-in the snapshot is that of the new role."""
    admin = await gateway.signed_in("admin", name="root")
    ann = await gateway.signed_in("agent", name="ann")
    await gateway.happen(started(CALL, caller="+491709999999"))
    async with open_stream(ann, "/api/events") as rows:
        await admin.patch("/api/users/ann", json={"roles": ["viewer"]})
        async with asyncio.timeout(15):
            await rows
    resumed = await ann.get("/api/events", headers={"last-event-id": "0"})
    again = gateway.client()
    await again.post("/api/session", json={"name": "ann", "password": PASSWORD})
    async with listening(again, last=0) as source:
        row = await source.until("call")

    assert resumed.status_code == 401
    assert "9999999" not in str(row.data)


async def test_a_download_is_cut_when_its_reader_may_not_have_the_rest(gateway: Gateway) -> None:
    """Cut, and not ended: what came so far must not be taken for the whole."""
    ann = await gateway.signed_in("supervisor", name="ann")
    token = ann.cookies["switchboard_session"]
    me = await gateway.container.sessions.by_cookie(token)
    assert me is not None

    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield b"row"

    reading = gateway.container.revocation.guarded(me, chunks())
    got = [await anext(reading) for _ in range(3)]
    await gateway.container.sessions.end(me.token_hash)
    await gateway.container.revocation.once()

    assert got == [b"row"] * 3
    with pytest.raises(RevokedError):
        await anext(reading)


async def test_one_session_of_two_ends_alone(room_gateway: Gateway, room_livekit: LiveKit) -> None:
    """Signing out at home ends what was opened at home; the desk at work goes on."""
    gateway = room_gateway
    ann = await gateway.signed_in("agent", name="ann", skills=("billing",))
    home = gateway.client()
    await home.post("/api/session", json={"name": "ann", "password": PASSWORD})
    await gateway.happen(started(CALL), wanted(CALL))
    async with rooms.call_with_job(room_livekit, CALL) as job:
        taken = (await ann.post(f"/api/desk/calls/{CALL}/take")).json()
        tab = await rooms.open_(taken["connections"])
        async with open_stream(home, "/api/events") as rows:
            await home.delete("/api/session")
            async with asyncio.timeout(15):
                await rows
        inside = await rooms.identities(room_livekit, CALL)
        seat = (await ann.get("/api/desk")).json()["me"]
        await tab.aclose()

    assert taken["connections"][0]["identity"] in inside
    assert (seat["state"], seat["call"]) == ("busy", CALL)
    assert job.ops[:1] == ["takeover"]
