"""A leg's endpoint, and carriers by hand on other addresses of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sip.bridge.caller import Phones, phones
from tests.sip.bridge.dialling.carrier import Carrier, carrier


@pytest.fixture
async def near() -> AsyncIterator[Phones]:
    async with phones() as made:
        yield made


@pytest.fixture
async def far() -> AsyncIterator[Carrier]:
    async with carrier() as made:
        yield made


@pytest.fixture
async def other() -> AsyncIterator[Carrier]:
    async with carrier("127.0.0.2") as made:
        yield made
