"""Tries to sign in: what wrong ones cost, whom they cost it, and what is left of them."""

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
from gateway.identity.throttling import backoff
from gateway.identity.throttling.backoff import GENTLE_S, LONGEST_S, Backoff, Lane
from gateway.identity.throttling.device import COOKIE, DAYS, Devices
from gateway.identity.throttling.failures import MOST_ROWS, OTHERS, Failures
from gateway.identity.throttling.throttle import TooMany
from tests.gateway.running import PASSWORD, Gateway, running_gateway, settings_for


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


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


def lanes(name: str, address: str) -> tuple[Lane, Lane, Lane]:
    return Lane(f"{address} {name}", 5), Lane(address, 20), Lane(name, 10)


async def waits(tries: Backoff, *who: Lane) -> int:
    """Seconds to wait; 0 if the try was let through, and then it was a wrong one."""
    try:
        await tries.begin(*who)
    except TooMany as problem:
        return int(problem.headers["Retry-After"])
    return 0


async def sign_in(
    client: httpx.AsyncClient, name: str, password: str = "wrong", *, ip: str = ""
) -> httpx.Response:
    headers = {"x-forwarded-for": ip} if ip else {}
    body = {"name": name, "password": password}
    return await client.post("/api/session", json=body, headers=headers)


async def test_each_wrong_try_makes_the_next_wait_twice_as_long(redis: Redis) -> None:
    """Up to a minute and no longer; a try that is refused does not make it longer."""
    clock = Clock()
    tries = Backoff(redis, "test", clock)
    free = [await waits(tries, *lanes("sue", "192.0.2.1")) for _ in range(5)]
    grown = []
    for _ in range(7):
        grown.append(await waits(tries, *lanes("sue", "192.0.2.1")))
        again = await waits(tries, *lanes("sue", "192.0.2.1"))
        assert again == grown[-1]
        clock.now += again
        assert await waits(tries, *lanes("sue", "192.0.2.1")) == 0

    assert free == [0] * 5
    assert grown == [2, 4, 8, 16, 32, LONGEST_S, LONGEST_S]


async def test_one_address_does_not_try_one_password_on_many_names(redis: Redis) -> None:
    """The names differ; the visitor does not."""
    clock = Clock()
    tries = Backoff(redis, "test", clock)
    answers = [await waits(tries, *lanes(f"user{n}", "192.0.2.1")) for n in range(60)]
    clock.now += 3600 / 4
    elsewhere = await waits(tries, *lanes("user59", "198.51.100.1"))

    assert answers.count(0) == 20
    assert elsewhere == 0


async def test_others_who_try_my_name_cost_me_moments(redis: Redis) -> None:
    """Tries from everywhere make whoever is new wait a little, once, each for themselves: nobody
    can keep on taking the turn of the person whose name it is."""
    clock = Clock()
    tries = Backoff(redis, "test", clock)
    attack = [await waits(tries, *lanes("sue", f"192.0.2.{n}")) for n in range(60)]
    first = await waits(tries, *lanes("sue", "198.51.100.7"))
    for n in range(60, 90):
        await waits(tries, *lanes("sue", f"192.0.2.{n}"))
    clock.now += first
    for n in range(90):
        await waits(tries, *lanes("sue", f"192.0.2.{n}"))
    then = await waits(tries, *lanes("sue", "198.51.100.7"))

    assert attack.count(0) == 10
    assert max(attack) <= GENTLE_S
    assert (0 < first <= GENTLE_S, then) == (True, 0)


async def test_many_tries_at_once_are_no_way_round(redis: Redis) -> None:
    """Counted before they are made: no more pass than of as many one after the other."""
    tries = Backoff(redis, "test", Clock())
    answers = await asyncio.gather(*(waits(tries, *lanes("sue", "192.0.2.1")) for _ in range(50)))

    assert answers.count(0) == 5


async def test_an_own_account_does_not_buy_tries_at_others(redis: Redis) -> None:
    """To sign in rightly between two guesses takes back one try, and not what the guesses cost."""
    clock = Clock()
    tries = Backoff(redis, "test", clock)
    guesses = 0
    for n in range(200):
        if await waits(tries, *lanes(f"victim{n}", "192.0.2.1")) == 0:
            guesses += 1
        own = lanes("mallory", "192.0.2.1")
        if await waits(tries, *own) == 0:
            await tries.forget(own[0])
            await tries.take_back(*own[1:])
        clock.now += 1

    assert guesses < 40


async def test_what_is_remembered_of_tries_is_bounded(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many names and addresses come, and it goes by itself."""
    monkeypatch.setattr(backoff, "_MOST", 100)
    tries = Backoff(redis, "test", Clock())
    for n in range(300):
        await waits(tries, *lanes(f"user{n}", f"10.0.{n // 250}.{n % 250}"))
    keys = [key async for key in redis.scan_iter("switchboard:tries:test:*")]
    ages = [await redis.ttl(key) for key in keys if await redis.type(key) == b"hash"]

    assert len(ages) <= 100
    assert all(0 < age <= 900 for age in ages)


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
