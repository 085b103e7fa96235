"""A pipe from the parent: it ends when the parent does, however that died."""

from __future__ import annotations

import asyncio

from dialplans.process.background import first_of

NOT_STARTED = 1
"""The exit status of a process that cannot do its work here: starting it again is of no use."""


async def until_the_end(lifeline: int, *over: asyncio.Event) -> None:
    """Returns when the parent is gone, or one of `over` is set."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    loop.add_reader(lifeline, gone.set)
    try:
        await first_of(gone, *over)
    finally:
        loop.remove_reader(lifeline)
