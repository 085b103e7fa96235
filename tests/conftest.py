"""Fixtures for every test that needs a real server: `redis_url`, `livekit`, `stack`."""

from __future__ import annotations

import pytest

from tests.stack.fixtures import livekit, redis_url, servers, stack

__all__ = ["livekit", "redis_url", "servers", "stack"]

HEAVY = {"livekit": "stack", "stack": "stack", "page": "console"}
"""Who asks for one of these fixtures belongs to a group of tests that runs by itself."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in HEAVY:
                item.add_marker(HEAVY[fixture])
