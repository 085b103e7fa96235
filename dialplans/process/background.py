"""Background tasks: kept, logged when they fail, and ended for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from weakref import WeakSet

import structlog

log = structlog.get_logger()

Result = TypeVar("Result")


AGAIN_S = 0.2
_heard: WeakSet[asyncio.Task[Any]] = WeakSet()
"""Those that are ending others, and those that did so because they were cancelled."""


async def end(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancels until every one of them has ended. Once is not enough: a library that is cancelled
    while it connects or reads may take that for its own time-out and go on. But whoever ends others
    in turn has heard, and is left to it and to what comes after it, however long that takes; and
    who is cancelled in here ends them first: else what they were about to do, such as giving a lock
    back, would not be done."""
    current = asyncio.current_task()
    assert current is not None
    ending = [task for task in tasks if task is not None and task is not current]
    cancelled: asyncio.CancelledError | None = None
    _heard.add(current)
    try:
        for task in ending:
            if not task.cancelling():
                _heard.discard(task)  # that was another time
            task.cancel()
        while pending := [task for task in ending if not task.done()]:
            try:
                await asyncio.wait(pending, timeout=AGAIN_S)
            except asyncio.CancelledError as error:
                cancelled = error
            for task in pending:
                if task not in _heard:
                    task.cancel()
        for task in ending:
            if not task.cancelled():
                task.exception()  # taken note of
    finally:
        if not current.cancelling():
            _heard.discard(current)
    if cancelled is not None:
        raise cancelled


async def first_of(*events: asyncio.Event) -> None:
    """Returns when one of them is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()


class Tasks:
    """The event loop keeps only weak references to tasks; this keeps strong ones until they end.

    What one raises harms nobody else and is logged as the event `failed`."""

    def __init__(self, failed: str = "task.failed") -> None:
        self._failed = failed
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def spawn(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error(self._failed, name=task.get_coro().__qualname__, exc_info=error)  # type: ignore[union-attr]

    async def finish(self) -> None:
        """Wait for what runs now; failures were logged."""
        await asyncio.gather(*tuple(self._running), return_exceptions=True)

    async def aclose(self) -> None:
        await end(*self._running)
