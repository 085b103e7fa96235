"""Work that goes on beside the requests: begun again when it breaks, and ended for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog

Work = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)

_AFTER_A_BREAK_S = 1.0


async def keep(name: str, work: Work) -> None:
    """One part that breaks takes nothing else with it and begins again."""
    while True:
        try:
            await work()
        except Exception as error:
            log.error("gateway.part_broke", part=name, exc_info=error)
            await asyncio.sleep(_AFTER_A_BREAK_S)


async def end(tasks: Iterable[asyncio.Task[Any]], *, again_s: float) -> None:
    """Told until it is heard: a cancelled Redis call may take that for its own time-out."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=again_s)
