"""The endpoint that registers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sip.bridge.caller import Phones, phones


@pytest.fixture
async def ours() -> AsyncIterator[Phones]:
    async with phones() as made:
        yield made
