"""Time passes at once where everybody waits, unless a test is marked `real_time`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.fakes.virtual_time import loop_factories


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], Any]]:
    return loop_factories(item, virtual=True)
