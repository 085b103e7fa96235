"""A telephone that we call, and whoever is in the room meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sip.bridge.callee import Callee, callee
from tests.sip.bridge.calls.outgoing import ROOM
from tests.sip.bridge.person import Person, person
from tests.sip.bridge.world import World


@pytest.fixture
async def phone() -> AsyncIterator[Callee]:
    async with callee() as made:
        yield made


@pytest.fixture
async def agent(world: World) -> AsyncIterator[Person]:
    async with person(world.livekit, ROOM) as made:
        yield made
