"""Which legs there are, and who leads, told by a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from dialplans.language.leg_capabilities import LegPresent, legs_present
from dialplans.process.leadership import EXPIRES_S, Leadership
from sip.bridge.legs.presence import SEEN, NameTakenError, Presence
from sip.bridge.registrar.binding_store import BindingStore, Gone, changed
from sip.bridge.registrar.bindings import Binding
from tests.sip.bridge.person import until
from tests.stack.servers import Servers, short_folder

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with short_folder() as home, Servers(home).redis() as made:
        yield made


@pytest.fixture
async def redis(url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(url) as made:
        await made.flushall()
        yield made


def leg(redis: Redis, name: str, at: str = "", *, takes: bool = True) -> Presence:
    told = LegPresent(name, at or f"{name}:5060", (5060, 8092), takes)
    return Presence(redis, lambda: told)


async def test_legs_find_each_other_and_who_has_left(redis: Redis, url: str) -> None:
    one, two, three = leg(redis, "one"), leg(redis, "two"), leg(redis, "three", takes=False)
    for each in (one, two, three):
        await each.start()
    await one.look()

    assert sorted(one.others) == ["three", "two"]
    assert one.any_other
    assert (one.takes("two"), one.takes("three"), one.takes("one")) == (True, False, False)
    assert one.uses(8092)
    assert not one.uses(9000)
    assert [found.name for found in legs_present(url)] == ["one", "three", "two"]
    await two.aclose()
    await one.look()
    assert list(one.others) == ["three"]
    await three.aclose()
    await one.look()
    assert not one.any_other
    await one.aclose()


async def test_a_leg_that_says_nothing_any_more_is_gone(redis: Redis) -> None:
    """As one that was killed: its last word is some seconds old."""
    one, dead = leg(redis, "one"), leg(redis, "dead")
    await dead.look()
    await one.look()
    assert list(one.others) == ["dead"]
    await redis.zadd(SEEN, {"dead": 1})
    await one.look()

    assert not one.others


@pytest.mark.parametrize("again", ["192.0.2.1:5060", "192.0.2.2:5060"])
async def test_a_name_is_one_legs(redis: Redis, again: str) -> None:
    """One that starts again at its address is the same; another has to be called otherwise."""
    first = leg(redis, "sip", "192.0.2.1:5060")
    await first.look()
    second = leg(redis, "sip", again)
    if again == "192.0.2.1:5060":
        await second.look()
        assert not second.others
        return
    with pytest.raises(NameTakenError, match="set SWITCHBOARD_SIP_NAME"):
        await second.start()


async def test_who_leads_goes_on_after_it_was_started_again(redis: Redis) -> None:
    """Under its own name it has its lock at once; another waits until that lapses."""
    first = Leadership(redis, "lock", what="test", me="one 192.0.2.1:5060")
    other = Leadership(redis, "lock", what="test", me="two 192.0.2.2:5060")
    assert await first.refresh()
    assert not await other.refresh()
    again = Leadership(redis, "lock", what="test", me="one 192.0.2.1:5060")

    assert await again.refresh()
    assert not await other.refresh()
    await again.release()
    assert await other.refresh()
    assert not await first.refresh()


async def test_two_of_no_name_are_never_taken_for_each_other(redis: Redis) -> None:
    first, other = (Leadership(redis, "lock", what="test") for _ in range(2))
    assert await first.refresh()

    assert not await other.refresh()
    assert await first.refresh()
    await asyncio.sleep(EXPIRES_S + 0.2)
    assert await other.refresh()
    assert not first.held


def place(user: str, leg_name: str, until_s: float = 4e9) -> Binding:
    return Binding(
        f"sip:{user}@192.0.2.9", "192.0.2.9", 5060, False, until_s, "id", 1, leg=leg_name
    )


async def test_two_legs_that_hear_from_one_telephone_lose_nothing(redis: Redis) -> None:
    """Each writes what it has heard, at the same moment, twenty times."""
    one, two = BindingStore(redis), BindingStore(redis)
    for store in (one, two):
        await store.start()
    for n in range(20):
        one.put("ann", (), (place(f"a{n}", "one"),))
        two.put("ann", (), (place(f"b{n}", "two"),))
        await asyncio.sleep(0)
    await asyncio.gather(one.aclose(), two.aclose())
    found = await BindingStore(redis).get("ann")

    assert found is not None
    assert {binding.key[0] for binding in found} == {f"{x}{n}" for x in "ab" for n in range(20)}


async def test_a_connection_that_ends_takes_nothing_from_another_leg(redis: Redis) -> None:
    """Which the telephone has meanwhile registered with; to unregister there takes it all."""
    one, two = BindingStore(redis), BindingStore(redis)
    for store in (one, two):
        await store.start()
    here, there = place("ann", "one"), place("ann", "two")
    one.put("ann", (), (here,))
    await until_stored(redis, 1)
    two.put("ann", (), (there,))
    await until(lambda: not two._dirty)
    one.put("ann", (here,), (), leg="one")
    await until(lambda: not one._dirty)
    kept = await two.get("ann")
    two.put("ann", (there,), ())
    await until(lambda: not two._dirty)

    assert kept == (there,)
    assert await one.get("ann") == ()
    for store in (one, two):
        await store.aclose()


async def until_stored(redis: Redis, count: int) -> None:
    while await redis.hlen("switchboard:telephones") != count:
        await asyncio.sleep(0.01)


def test_what_has_changed_is_changed_and_nothing_else() -> None:
    a, b, c = place("a", "one"), place("b", "two"), place("c", "one")

    assert changed((a, b), {c.key: c}) == (a, b, c)
    assert changed((a, b), {b.key: Gone()}) == (a,)
    assert changed((a, b), {b.key: Gone("one")}) == (a, b)
    assert changed((a,), {b.key: Gone("two")}) == (a,)
