"""After every test with the whole system: no room, no participant, no media port is left."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.stack.running import Stack


@pytest.fixture(autouse=True)
async def nothing_is_left(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    stack = request.getfixturevalue("stack") if "stack" in request.fixturenames else None
    yield
    if isinstance(stack, Stack):
        await stack.nothing_left()
