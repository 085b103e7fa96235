"""Real browsers on the real system. Nothing of a call may be left when a test is over."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.console.accounts import everybody
from tests.console.browser import chromium
from tests.stack.running import Stack, running_stack

PLAN = Path("dialplans")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system with a copy of the plan, because some of these tests apply changes to it."""
    plan = tmp_path_factory.mktemp("plan")
    shutil.copy(PLAN / "main.yaml", plan)
    shutil.copytree(PLAN / "prompts", plan / "prompts")
    settings = {
        "SWITCHBOARD_SIP_MAX_CPU": "0",
        "SWITCHBOARD_DIALPLAN": str(plan / "main.yaml"),
        "SWITCHBOARD_SIGN_INS_PER_MINUTE": "1000",
    }
    with running_stack(settings) as found:
        yield found


@pytest.fixture
async def floor(stack: Stack) -> AsyncIterator[Stack]:
    """The running system with its people; `floor.layout.console_url` is the console."""
    await everybody(stack)
    yield stack
    await stack.nothing_left()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """For tests in which nobody speaks into a browser."""
    async with chromium() as found:
        yield found
