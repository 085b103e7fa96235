"""Transports that strangers may write to, and those of named trunks only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sip.bridge.authority import Authority
from tests.sip.bridge.transport.heard import NAMED, OPEN, QUICK, Heard, transport


@pytest.fixture
async def open_to_strangers() -> AsyncIterator[Heard]:
    async with transport(OPEN, QUICK) as heard:
        yield heard


@pytest.fixture
async def named() -> AsyncIterator[Heard]:
    async with transport(NAMED, QUICK) as heard:
        yield heard


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)
