"""Fixtures for every test that needs a real server: `redis_url`, `livekit`, `stack`."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.programs import keep_bytecode
from tests.stack.fixtures import livekit, redis_url, servers, stack, trunk_port

__all__ = ["livekit", "redis_url", "servers", "stack", "trunk_port"]

LAST_LINES = 60
HEAVY = {"livekit": "stack", "stack": "stack", "page": "console"}
"""Who asks for one of these fixtures belongs to the tests with servers."""

keep_bytecode()

_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
"""A test that only gets what others leave of the processors is slow without a fault."""

settings.register_profile("same", derandomize=True, **_PATIENT)
settings.register_profile("new", **_PATIENT)
settings.load_profile(os.environ.get("SWITCHBOARD_EXAMPLES", "same"))
"""`make test` says the same of the same code; `SWITCHBOARD_EXAMPLES=new` looks for new examples."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in HEAVY:
                item.add_marker(HEAVY[fixture])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Why a test needed another try, or nobody would ever know."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(report.nodeid, sep="-")
        terminalreporter.write_line("\n".join(report.longreprtext.splitlines()[-LAST_LINES:]))
