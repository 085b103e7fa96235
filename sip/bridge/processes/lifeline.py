"""A pipe from the parent: it ends when the parent does, however that died."""

from __future__ import annotations

import asyncio

NOT_STARTED = 1
"""The exit status of a process that cannot do its work here: starting it again is of no use."""


async def until_the_end(lifeline: int, *over: asyncio.Event) -> None:
    """Returns when the parent is gone, or one of `over` is set."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    loop.add_reader(lifeline, gone.set)
    waiting = [asyncio.create_task(event.wait()) for event in (gone, *over)]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(lifeline)
        for one in waiting:
            one.cancel()
