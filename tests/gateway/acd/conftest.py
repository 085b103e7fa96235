"""A gateway whose livekit-server is a fake, with people whose seats are telephones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.livekit_api import FakeLiveKit, fake_livekit
from tests.gateway.acd.telephones import planned
from tests.gateway.running import Gateway, running_gateway, settings_for


@pytest.fixture
async def livekit_api() -> AsyncIterator[FakeLiveKit]:
    async with fake_livekit() as found:
        yield found


@pytest.fixture
async def office(
    tmp_path: Path, redis_url: str, livekit_api: FakeLiveKit
) -> AsyncIterator[Gateway]:
    settings = settings_for(tmp_path, redis_url, livekit_url=livekit_api.url, wrap_up_s=3600)
    async with running_gateway(settings) as found:
        await planned(found)
        yield found
