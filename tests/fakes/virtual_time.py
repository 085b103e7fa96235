"""An event loop for tests whose time passes at once while everybody waits.

Work costs the same on its clock whatever the machine is busy with, so that nothing comes late
there, and a minute's wait costs a test nothing. While a thread works for the loop the clock stands
still. While a socket is open somebody outside may answer, and time passes as it does for them,
unless the loop is `alone`: all its sockets lead to others of its own.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

OWN_SOCKETS = 1
"""The loop wakes itself through one."""

ROUND_S = 100e-6
"""What a round of the loop costs that has work. At no cost, two who only hand over to each other
would keep a third from its moment for ever."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self, *, alone: bool = False) -> None:
        self.alone = alone
        self.now = time.monotonic()
        self.at_work = 0
        """Calls in threads that have not come back."""
        super().__init__(_Waits(self))

    def time(self) -> float:
        return self.now

    def run_in_executor(self, *call: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        answer = super().run_in_executor(*call)
        self.at_work += 1
        answer.add_done_callback(self._came_back)
        return answer

    def _came_back(self, _: object) -> None:
        self.at_work -= 1


class _Waits(selectors.DefaultSelector):
    """Where a loop waits for its next timer; here it is brought forward."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        if timeout <= 0:
            self._loop.now += ROUND_S
            return super().select(0)
        if self._loop.at_work:
            return super().select(None)
        if len(self.get_map()) > OWN_SOCKETS and not self._loop.alone:
            began = time.monotonic()
            ready = super().select(timeout)
            self._loop.now += min(timeout, time.monotonic() - began) if ready else timeout
            return ready
        ready = super().select(0)
        if not ready:
            self._loop.now += timeout
        return ready


REAL_PROGRAMS = ("stack", "speech", "console")
"""Marks of tests that talk with programs which go by the wall clock."""


def loop_factories(item: pytest.Item, *, virtual: bool) -> Mapping[str, Callable[[], Any]]:
    """What a folder's `pytest_asyncio_loop_factories` answers. `virtual`: which time its tests have
    that say nothing about it. Real programs go by the wall clock, whatever a test says."""
    if any(item.get_closest_marker(mark) for mark in REAL_PROGRAMS):
        return {"real": asyncio.new_event_loop}
    marked = "real_time" if virtual else "virtual_time"
    marker = item.get_closest_marker(marked)
    if (marker is not None) is virtual:
        return {"real": asyncio.new_event_loop}
    alone = marker is not None and marker.kwargs.get("alone", False)
    return {"virtual": partial(VirtualTimeLoop, alone=alone)}
