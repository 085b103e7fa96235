"""Ending tasks for certain."""

from __future__ import annotations

import asyncio
from typing import Any


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancels until every one of them has ended. Once is not enough: a library that is cancelled
    while it connects or reads may take that for its own time-out and go on."""
    pending = {task for task in tasks if not task.done() and task is not asyncio.current_task()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)
