"""What telephones of SIPp do that call: the scenarios of `callers/`, by UDP and by TCP.

They cover, in words of our own, what other stacks are tried with: SIPp's own scenarios, those of
pjsip and those of Asterisk.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.sip.bridge.scenarios.sipp import Played, Scenario, play, scenarios
from tests.sip.bridge.scenarios.staff import staffed
from tests.sip.bridge.world import LOGIN, RANDOM_ROOM, SHORT_CALL, UNKNOWN, World, number, room_of

pytestmark = pytest.mark.stack

WAYS = {"udp": "u1", "tcp": "t1"}
AT_ONCE = 6
NUMBERS = {"": RANDOM_ROOM, "login": LOGIN, "short": SHORT_CALL, "unknown": UNKNOWN}
STAFFED = (room_of(RANDOM_ROOM), room_of(SHORT_CALL))
EACH = [
    (scenario, way)
    for scenario in scenarios("callers")
    for way in scenario.given.get("ways", " ".join(WAYS)).split()
]
NAMES = [(scenario.name, way) for scenario, way in EACH]
Found = dict[tuple[str, str], Played]


def called(scenario: Scenario, index: int) -> str:
    """`nobody` is a number of its own, where it rings for ever."""
    whom = scenario.given.get("called", "")
    return number(index) if whom == "nobody" else NUMBERS[whom]


async def play_all(world: World, folder: Path) -> Found:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(index: int, scenario: Scenario, way: str) -> Played:
        async with places:
            own = folder / way / scenario.name
            whom, more = called(scenario, index), ("-t", WAYS[way])
            return await play(scenario, own, to=world.sip, called=whom, more=more)

    async with staffed(world, STAFFED):
        every = await asyncio.gather(*(one(index, *each) for index, each in enumerate(EACH)))
    return dict(zip(NAMES, every, strict=True))


@pytest.fixture(scope="module")
def played(shared_world: World, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """All of them, several at a time, beside each other on one leg."""
    return asyncio.run(play_all(shared_world, tmp_path_factory.mktemp("callers")))


@pytest.mark.parametrize(("name", "way"), NAMES)
def test_a_telephone_that_calls_is_answered_as_it_should_be(
    played: Found, name: str, way: str
) -> None:
    found = played[name, way]

    assert found.right, found.told
