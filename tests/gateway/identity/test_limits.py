"""Tries to sign in: what they are worth to a stranger, whom they hinder, what is left of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from gateway.errors import Problem
from gateway.identity.passwords import Pool
from gateway.identity.throttling.backoff import GENTLE_S
from gateway.identity.throttling.device import COOKIE, DAYS, Devices
from gateway.identity.throttling.failures import MOST_ROWS, OTHERS, Failures
from tests.gateway.identity.clock import Clock
from tests.gateway.running import PASSWORD, Gateway, running_gateway, settings_for


@pytest.fixture
async def proxied(tmp_path: Path, redis_url: str) -> AsyncIterator[Gateway]:
    """Behind a proxy on this machine, which says where people come from."""
    settings = settings_for(tmp_path, redis_url, trusted_proxy="127.0.0.1")
    async with running_gateway(settings) as found:
        yield found


def standing_still(*gateways: Gateway) -> Clock:
    """One clock for all their counts, so that a slow machine waits nothing off by being slow."""
    clock = Clock()
    for gateway in gateways:
        gateway.container.sign_in_attempts._names._clock = (
            gateway.container.sign_in_attempts._doors._clock
        ) = clock
    return clock


async def sign_in(
    client: httpx.AsyncClient, name: str, password: str = "wrong", *, ip: str = ""
) -> httpx.Response:
    headers = {"x-forwarded-for": ip} if ip else {}
    body = {"name": name, "password": password}
    return await client.post("/api/session", json=body, headers=headers)


async def test_names_are_sprayed_in_vain(gateway: Gateway) -> None:
    """Sixty names, one password, one address: most are not even looked at, and the trail stays
    short; whoever is signed in notices nothing."""
    standing_still(gateway)
    ann = await gateway.signed_in("agent", name="ann")
    admin = await gateway.signed_in("admin", name="root")
    stranger = gateway.client()
    answers = [(await sign_in(stranger, f"user{n}", "Spring2026!!")) for n in range(60)]
    refused = [a for a in answers if a.status_code == 429]
    rows = (
        await admin.get("/api/audit", params={"action": "sign_in_failed", "limit": 500})
    ).json()["items"]
    figures = (await gateway.client().get("/metrics")).text

    assert len(refused) == 40
    assert all(int(a.headers["retry-after"]) > 0 for a in refused)
    assert len(rows) == 60 - len(refused)
    assert (await ann.get("/api/session")).status_code == 200
    assert f'switchboard_sign_ins_total{{result="refused"}} {float(len(refused))}' in figures


async def test_strangers_do_not_lock_anybody_out(proxied: Gateway) -> None:
    """Known by the browser, by an address from before, by the session: in at once, whatever others
    try. From a new address: in after the few seconds that the answer names."""
    clock = standing_still(proxied)
    await proxied.add("sue", "supervisor")
    known = proxied.client()
    assert (await sign_in(known, "sue", PASSWORD, ip="192.0.2.10")).status_code == 201
    without = proxied.client()
    wrong = [await sign_in(without, "sue", ip=f"198.51.100.{n}") for n in range(40)]

    by_browser = await sign_in(known, "sue", PASSWORD, ip="203.0.113.1")
    by_address = await sign_in(proxied.client(), "sue", PASSWORD, ip="192.0.2.10")
    changed = await known.post(
        "/api/session/password", json={"old": PASSWORD, "new": PASSWORD + "2"}
    )
    new = await sign_in(proxied.client(), "sue", PASSWORD + "2", ip="203.0.113.2")
    clock.now += int(new.headers["retry-after"])
    then = await sign_in(proxied.client(), "sue", PASSWORD + "2", ip="203.0.113.2")

    assert {a.status_code for a in wrong} == {401, 429}
    assert (by_browser.status_code, by_address.status_code) == (201, 201)
    assert changed.status_code == 204
    assert new.status_code == 429
    assert int(new.headers["retry-after"]) <= GENTLE_S
    assert then.status_code == 201


async def test_two_gateways_count_together(tmp_path: Path, redis_url: str) -> None:
    """To go from one to the other is no way round."""
    settings = settings_for(tmp_path, redis_url)
    async with running_gateway(settings) as one, running_gateway(settings) as two:
        standing_still(one, two)
        for _ in range(5):
            await sign_in(one.client(), "sue")
        answer = await sign_in(two.client(), "sue")

    assert answer.status_code == 429


async def test_a_known_browser_is_known_for_its_person_alone(tmp_path: Path) -> None:
    """Not for another name, not with another secret, not for ever, and not when it was edited."""
    clock = Clock()
    devices = Devices(settings_for(tmp_path, "redis://", session_secret="s" * 20), clock)
    other = Devices(settings_for(tmp_path, "redis://", session_secret="t" * 20), clock)
    cookie = devices.cookie("sue")
    value = cookie.value or ""

    assert devices.known(value, "sue")
    assert cookie.httponly
    assert [devices.known(value, name) for name in ("ann", "", "sue\0")] == [None] * 3
    assert other.known(value, "sue") is None
    assert devices.known("x" + value, "sue") is None
    assert devices.known("", "sue") is None
    clock.now += DAYS * 86400
    assert devices.known(value, "sue") is None


async def test_a_known_browser_has_its_own_count(gateway: Gateway) -> None:
    """Who steals the cookie may guess as slowly as anybody."""
    standing_still(gateway)
    await gateway.add("sue", "supervisor")
    browser = gateway.client()
    await sign_in(browser, "sue", PASSWORD)
    assert COOKIE in browser.cookies
    codes = [(await sign_in(browser, "sue")).status_code for _ in range(8)]

    assert codes == [401] * 5 + [429] * 3


async def test_the_old_password_is_not_guessed_in_a_session_that_was_left_open(
    gateway: Gateway,
) -> None:
    """The same limits; and the person elsewhere is not locked out by it."""
    standing_still(gateway)
    sue = await gateway.signed_in("supervisor", name="sue")
    body = {"old": "wrong", "new": PASSWORD + "2"}
    codes = [(await sue.post("/api/session/password", json=body)).status_code for _ in range(8)]
    elsewhere = await sign_in(gateway.client(), "sue", PASSWORD)

    assert codes == [401] * 5 + [429] * 3
    assert elsewhere.status_code == 201


async def test_keys_are_guessed_in_vain_and_right_ones_never_wait(gateway: Gateway) -> None:
    """Counted by address; a machine at the same address goes on."""
    standing_still(gateway)
    admin = await gateway.signed_in("admin")
    made = (await admin.post("/api/keys", json={"name": "wall", "roles": ["viewer"]})).json()
    machine = gateway.client(authorization=f"Bearer {made['secret']}")
    codes = []
    for n in range(40):
        guess = {"authorization": f"Bearer sbk_{n:043d}"}
        codes.append((await gateway.client(**guess).get("/api/calls")).status_code)
    right = await machine.get("/api/calls")
    open_to_all = await gateway.client(**guess).get("/health/live")
    rows = (await admin.get("/api/audit", params={"who": "api key"})).json()["items"]

    assert (codes[0], codes[-1]) == (401, 429)
    assert right.status_code == 200
    assert open_to_all.status_code == 200
    assert [row["detail"]["tries"] for row in rows] == [codes.count(401)]


async def test_failed_tries_are_one_row_with_a_count(gateway: Gateway, redis: Redis) -> None:
    """A name, an address and an hour; of a flood from everywhere, the rest is counted together."""
    audit = gateway.container.audit
    clock = Clock()
    failures = Failures(redis, audit, clock)
    for _ in range(7):
        await failures.note("sue", "192.0.2.1")
    await failures.note("sue", "2001:db8::1")
    await failures.note("sue", "2001:db8::2")
    clock.now += 3600
    await failures.note("sue", "192.0.2.1")
    for n in range(MOST_ROWS + 50):
        await failures.note(f"user{n}", "192.0.2.1")
    admin = await gateway.signed_in("admin")
    asked: dict[str, Any] = {"action": "sign_in_failed", "limit": 500}
    rows: list[dict[str, Any]] = (await admin.get("/api/audit", params=asked)).json()["items"]
    counts = [(row["who"], row["detail"]["tries"]) for row in reversed(rows)]

    assert counts[:3] == [("sue", 7), ("sue", 2), ("sue", 1)]
    assert len(counts) == 2 + MOST_ROWS + 1
    assert counts[-1][0] == OTHERS
    assert sum(tries for _, tries in counts) == 7 + 2 + 1 + MOST_ROWS + 50


async def test_hashing_takes_as_many_threads_as_there_are_and_no_more() -> None:
    """Of its own, so that pages and files wait for none of them; who comes when the queue is full
    is told when to come again."""
    gate, running, most = asyncio.Event(), 0, 0
    loop = asyncio.get_running_loop()
    pool = Pool(2, queue=3)

    def work() -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
        running -= 1
        return 1

    tasks = [asyncio.create_task(pool.run(work)) for _ in range(5)]
    await asyncio.sleep(0)
    page = await asyncio.to_thread(lambda: "page")
    with pytest.raises(Problem) as full:
        await pool.run(work)
    gate.set()
    done = await asyncio.gather(*tasks)

    assert page == "page"
    assert (full.value.code, full.value.headers["Retry-After"]) == ("busy", "2")
    assert done == [1] * 5
    assert most <= 2
