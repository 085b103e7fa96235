"""A call with a job that obeys."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dialplans.contracts import events as ev
from tests.gateway import rooms
from tests.gateway.running import Gateway, started
from tests.stack.servers import LiveKit


@pytest.fixture
async def job(
    request: pytest.FixtureRequest, room_gateway: Gateway, room_livekit: LiveKit
) -> AsyncIterator[rooms.Job]:
    call: str = request.module.CALL
    await room_gateway.happen(started(call), ev.Persona(call=call, source="agents", name="billing"))
    async with rooms.call_with_job(room_livekit, call) as found:
        yield found
