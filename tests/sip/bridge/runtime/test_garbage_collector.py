"""What an ended call leaves behind does not wait for Python's own garbage collector."""

from __future__ import annotations

import asyncio
import gc
import weakref

from sip.bridge.runtime.garbage_collector import GarbageCollector


class Circle:
    """As the objects of the SDK: it refers to itself, and counting references never frees it."""

    def __init__(self) -> None:
        self.me = self


async def test_what_a_call_left_behind_is_found_soon_after_its_end() -> None:
    """Also with the collector switched off, so that nobody else can have found it."""
    sweeper = GarbageCollector(every_s=0.01)
    sweeper.start()
    gc.disable()
    try:
        left = weakref.ref(Circle())
        sweeper.call_ended()
        for _ in range(500):
            if left() is None:
                break
            await asyncio.sleep(0.01)
    finally:
        gc.enable()
        await sweeper.aclose()

    assert left() is None
    assert gc.get_freeze_count() == 0
