"""One set of real servers and one leg for all tests of this folder in a process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import pytest

from sip.bridge.ffi.handles import forgive
from tests.fakes.virtual_time import loop_factories
from tests.sip.bridge.caller import Phones, phones
from tests.sip.bridge.world import World, new_world


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], Any]]:
    return loop_factories(item, virtual=False)


@pytest.fixture(scope="session", autouse=True)
def forgiving_handles() -> None:
    """Or an assertion of the SDK, in a finaliser after a server was restarted, fails whichever test
    happens to run when the garbage is collected."""
    forgive()


@pytest.fixture(scope="session")
def shared_world() -> Iterator[World]:
    with new_world() as world, world.leg():
        yield world


@pytest.fixture
async def world(shared_world: World) -> AsyncIterator[World]:
    """After every test: no room, no participant, no port."""
    await shared_world.forget_events()
    yield shared_world
    try:
        await shared_world.nothing_left()
    finally:
        print(shared_world.log.read_text()[-6000:])  # pytest shows it with a failure


@pytest.fixture
async def line() -> AsyncIterator[Phones]:
    async with phones() as made:
        yield made
