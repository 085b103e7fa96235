"""Real browsers on the real system. Nothing of a call may be left when a test is over.

Browser and event loop last for the whole run: a browser's start is seconds of two busy
processors, and no test needs one that is new. Pages are new, with nothing of an earlier person.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.console.accounts import everybody
from tests.console.browser import chromium
from tests.stack.running import Stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What outlives a test needs a loop that does."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def people(stack: Stack) -> None:
    await everybody(stack)


@pytest_asyncio.fixture(loop_scope="session")
async def floor(stack: Stack, people: None) -> AsyncIterator[Stack]:
    """The running system with its people; `floor.layout.console_url` is the console."""
    yield stack
    try:
        await stack.nothing_left()
    except AssertionError as left:
        logs = [stack.log(name, lines=60) for name in ("sip", "agents-1", "agents-2", "gateway")]
        raise AssertionError("\n".join([str(left), *logs])) from left


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """For tests in which nobody speaks into a browser."""
    async with chromium() as found:
        yield found
