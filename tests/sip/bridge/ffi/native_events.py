"""A process of its own for the native library, whose callback belongs to a whole process. Prints
what came of it as JSON; run by `test_callback.py`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import threading
from collections import Counter

import numpy as np
from livekit import rtc
from livekit.rtc._proto import ffi_pb2 as proto

from sip.bridge.ffi.client import install, native_queue
from sip.bridge.ffi.sound import Microphone
from tests.stack.free_ports import free_ports

JOINS = 6
FRAMES = 20

logged: list[str] = []
kinds: Counter[str] = Counter()
of_thread = threading.local()
longest = 0


class Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logged.append(record.getMessage())


def seen(event: proto.FfiEvent) -> bool:
    """Called on the native thread; what Python keeps for a thread lasts as long as its record."""
    global longest
    kinds[event.WhichOneof("message") or ""] += 1
    of_thread.calls = getattr(of_thread, "calls", 0) + 1
    longest = max(longest, of_thread.calls)
    return False


async def main(short_cut: bool) -> None:
    logging.getLogger("livekit").setLevel(logging.DEBUG)
    logging.getLogger("livekit").addHandler(Lines())
    if short_cut:
        install()
        native_queue().subscribe(filter_fn=seen)
    microphone = rtc.AudioSource(8000, 1, queue_size_ms=0)
    if short_cut:
        pushed = Microphone()
        for _ in range(FRAMES):
            pushed.push(np.zeros(160, np.int16))
    (port,) = free_ports(1)
    options = rtc.RoomOptions(connect_timeout=1.0)
    for _ in range(JOINS):
        with contextlib.suppress(rtc.ConnectError):
            await rtc.Room().connect(f"ws://127.0.0.1:{port}", "no token", options)
    await asyncio.sleep(0.2)
    await microphone.aclose()
    print(json.dumps({"logged": logged, "kinds": kinds, "longest": longest}), flush=True)
    os._exit(0)  # native threads do not survive an interpreter that takes itself down


if __name__ == "__main__":
    asyncio.run(main(short_cut=sys.argv[1] == "ours"))
