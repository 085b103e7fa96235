"""What the native side of the SDK calls with each of its events, on threads of its own.

Each call into Python costs tens of microseconds, and the SDK makes some thousand of them in a join:
it hands every line of its debug log over as an event, to be thrown away here. Without those a join
costs half as much processor. What is left of the log, errors, it writes to stderr by itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable

from livekit.rtc._ffi_client import FfiClient, ffi_cb_fnc
from livekit.rtc._proto import audio_frame_pb2 as proto_audio
from livekit.rtc._proto import ffi_pb2 as proto

Take = Callable[[proto.FfiEvent], None]

UNWANTED = proto.FfiEvent(
    capture_audio_frame=proto_audio.CaptureAudioFrameCallback(async_id=1)
).SerializeToString()[:1]
"""How an event begins that says that a frame was taken, 100 a second and call: nobody waits."""

_thread = threading.local()
_in_use: list[object] = []
"""What the native side calls must not be collected."""


def receive(take: Take, version: str) -> None:
    """From now on `take` gets every event but the unwanted ones, and logs are no events."""

    def received(data: ctypes._Pointer[ctypes.c_uint8], length: int) -> None:
        if not hasattr(_thread, "kept"):
            _keep_thread()
        raw = ctypes.string_at(data, length)
        if raw.startswith(UNWANTED):
            return
        event = proto.FfiEvent.FromString(raw)
        if event.HasField("panic"):
            _die_of(event.panic.message)
        if not event.HasField("logs"):  # the first line may have been on its way already
            take(event)

    callback = ffi_cb_fnc(received)
    _in_use.append(callback)
    native = FfiClient.instance._ffi_lib
    native.livekit_ffi_initialize(callback, False, b"python", version.encode("ascii"))


def _keep_thread() -> None:
    """Python's record of a thread that is not its own ends with the outermost PyGILState_Release,
    and the next call makes another: 16 kB of fresh memory each time, mapped and unmapped. One call
    of PyGILState_Ensure that is never taken back keeps it for as long as the thread lives."""
    ctypes.pythonapi.PyGILState_Ensure()
    _thread.kept = True


def _die_of(panic: str) -> None:
    """As the SDK does: nothing can be relied on any more, and another worker takes the calls."""
    print("FFI Panic: ", panic, file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
