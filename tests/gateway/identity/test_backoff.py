"""What wrong tries cost, counted by name and by address, on a clock that the test moves."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from gateway.identity.throttling import backoff
from gateway.identity.throttling.backoff import GENTLE_S, LONGEST_S, Backoff, Lane
from gateway.identity.throttling.throttle import TooMany
from tests.gateway.identity.clock import Clock


def lanes(name: str, address: str) -> tuple[Lane, Lane, Lane]:
    return Lane(f"{address} {name}", 5), Lane(address, 20), Lane(name, 10)


async def waits(tries: Backoff, *who: Lane) -> int:
    """Seconds to wait; 0 if the try was let through, and then it was a wrong one."""
    try:
        await tries.begin(*who)
    except TooMany as problem:
        return int(problem.headers["Retry-After"])
    return 0


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
