"""Two legs on servers that all tests of this folder share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.sip.bridge.legs.two_legs import SECRETS, Legs, two_legs
from tests.sip.bridge.world import World, new_world


@pytest.fixture(scope="module")
def servers() -> Iterator[World]:
    with new_world({**SECRETS, "SWITCHBOARD_SIP_NO_WORKER_AFTER": "20"}) as world:
        yield world


@pytest.fixture
async def legs(servers: World, tmp_path: Path) -> AsyncIterator[Legs]:
    await servers.forget_events()
    try:
        async with two_legs(servers, tmp_path) as made:
            yield made
    finally:
        print(servers.log.read_text()[-6000:])  # pytest shows it with a failure
