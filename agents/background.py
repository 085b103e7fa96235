"""Tasks beside a call: nobody waits for them, and they end for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancels until every one of them has ended. Once is not enough: a library that is cancelled
    while it connects or reads may take that for its own time-out and go on."""
    pending = {task for task in tasks if not task.done() and task is not asyncio.current_task()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)


class BackgroundTasks:
    """Work beside a call, held until it has ended. What it raises is logged as the event `failed`
    and harms nobody else."""

    def __init__(self, failed: str) -> None:
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error(self._failed, error=repr(error), exc_info=error)

    async def close(self) -> None:
        await end(*self._tasks)
