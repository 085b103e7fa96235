"""Signing in, staying signed in, and being who one is."""

from __future__ import annotations

from gateway.identity import passwords
from tests.gateway.running import PASSWORD, Gateway


async def test_a_session_cookie_cannot_be_read_by_pages_or_sent_by_other_sites(
    gateway: Gateway,
) -> None:
    """HttpOnly against scripts, SameSite against other sites, and no password in the answer."""
    await gateway.add("sue", "supervisor")
    client = gateway.client()

    answer = await client.post("/api/session", json={"name": "sue", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()

    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert answer.json()["may"] == sorted(answer.json()["may"])
    assert "calls.listen" in answer.json()["may"]
    assert PASSWORD not in answer.text


async def test_a_request_from_another_site_changes_nothing(gateway: Gateway) -> None:
    """Without our header, or from a foreign origin, a cookie is worth nothing."""
    client = await gateway.signed_in("admin")
    body = {"name": "evil", "password": PASSWORD, "roles": ["admin"]}
    del client.headers["x-switchboard"]

    bare = await client.post("/api/users", json=body)
    foreign = await client.post(
        "/api/users",
        json=body,
        headers={"x-switchboard": "1", "origin": "https://evil.example"},
    )
    ours = await client.post(
        "/api/users", json=body, headers={"x-switchboard": "1", "origin": gateway.url}
    )

    assert (bare.status_code, bare.json()["code"]) == (403, "csrf")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "csrf")
    assert ours.status_code == 201


async def test_too_many_wrong_passwords_have_to_wait(gateway: Gateway) -> None:
    """The right one does not help either until the wait is over, which grows with the tries."""
    await gateway.add("sue", "supervisor")
    client = gateway.client()
    wrong = {"name": "sue", "password": "wrong"}
    codes = [(await client.post("/api/session", json=wrong)).status_code for _ in range(5)]

    late = await client.post("/api/session", json={"name": "sue", "password": PASSWORD})

    assert codes == [401] * 5
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 0
    assert late.json()["retry_after"] > 0


async def test_a_name_that_does_not_exist_is_refused_like_a_wrong_password(
    gateway: Gateway,
) -> None:
    """Nobody can find out who has an account."""
    await gateway.add("sue", "supervisor")
    client = gateway.client()

    wrong = await client.post("/api/session", json={"name": "sue", "password": "x"})
    unknown = await client.post("/api/session", json={"name": "nobody", "password": "x"})

    assert {**wrong.json()} == {**unknown.json()}


async def test_signing_out_ends_the_session_at_once(gateway: Gateway) -> None:
    """The cookie that was kept opens nothing any more."""
    client = await gateway.signed_in("viewer")
    cookie = client.cookies["switchboard_session"]

    gone = await client.delete("/api/session")
    client.cookies.set("switchboard_session", cookie)

    assert gone.status_code == 204
    assert (await client.get("/api/session")).status_code == 401


async def test_a_blocked_account_is_out_at_once(gateway: Gateway) -> None:
    """Disabling ends sessions; so does a change of roles."""
    admin = await gateway.signed_in("admin")
    victim = await gateway.signed_in("supervisor", name="sue")
    assert (await victim.get("/api/session")).status_code == 200

    await admin.patch("/api/users/sue", json={"disabled": True})

    assert (await victim.get("/api/session")).status_code == 401
    again = await gateway.client().post("/api/session", json={"name": "sue", "password": PASSWORD})
    assert again.status_code == 401


async def test_an_admin_cannot_lock_themselves_out(gateway: Gateway) -> None:
    """The last way in stays open."""
    admin = await gateway.signed_in("admin", name="root")

    disabled = await admin.patch("/api/users/root", json={"disabled": True})
    demoted = await admin.patch("/api/users/root", json={"roles": ["viewer"]})

    assert (disabled.status_code, demoted.status_code) == (409, 409)


async def test_a_machine_signs_in_with_a_key_until_it_is_revoked(gateway: Gateway) -> None:
    """A key has roles like a person, needs no cookie, and is stored as a hash only."""
    admin = await gateway.signed_in("admin")
    made = (await admin.post("/api/keys", json={"name": "wall", "roles": ["viewer"]})).json()
    machine = gateway.client(authorization=f"Bearer {made['secret']}")

    before = await machine.get("/api/calls")
    denied = await machine.get("/api/users")
    await admin.delete("/api/keys/wall")
    after = await machine.get("/api/calls")

    assert before.status_code == 200
    assert denied.status_code == 403
    assert after.status_code == 401
    assert made["secret"] not in (await admin.get("/api/keys")).text


async def test_changing_a_password_needs_the_old_one(gateway: Gateway) -> None:
    """And ends every session, so that whoever had the old one is out."""
    client = await gateway.signed_in("agent", name="ann")

    wrong = await client.post("/api/session/password", json={"old": "x", "new": PASSWORD + "2"})
    short = await client.post("/api/session/password", json={"old": PASSWORD, "new": "short"})
    right = await client.post(
        "/api/session/password", json={"old": PASSWORD, "new": PASSWORD + "2"}
    )

    assert (wrong.status_code, short.status_code, right.status_code) == (401, 400, 204)
    assert (await client.get("/api/session")).status_code == 401


async def test_every_sign_in_leaves_a_trace(gateway: Gateway) -> None:
    """Who, from where, and also the tries that failed."""
    await gateway.signed_in("supervisor", name="sue")
    await gateway.client().post("/api/session", json={"name": "sue", "password": "x"})
    admin = await gateway.signed_in("admin")

    trail = (await admin.get("/api/audit", params={"who": "sue"})).json()["items"]

    assert [row["action"] for row in trail] == ["sign_in_failed", "sign_in"]
    assert all(row["ip"] == "127.0.0.1" for row in trail)


async def test_passwords_are_hashed_with_argon2id() -> None:
    """The table never holds one in clear, and no two hashes are alike."""
    one, two = await passwords.hashed("secret"), await passwords.hashed("secret")

    assert one.startswith("$argon2id$")
    assert one != two
    assert await passwords.matches(one, "secret")
    assert not await passwords.matches(None, "secret")
