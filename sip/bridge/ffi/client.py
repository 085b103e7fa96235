"""A short cut through livekit-rtc for sound, 50 frames a second and call.

The SDK hands every native event to every subscriber's filter and wraps each captured frame in a
queue subscription of its own, so its cost grows with the square of the calls. Here a frame goes
straight from the native callback to the one place that wants it, room events go to their own
room, and pushing a frame is one native call with a request that was serialised once.

`install` refuses another shape of the SDK instead of failing later.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable

from livekit import rtc
from livekit.rtc._ffi_client import FfiClient, FfiQueue
from livekit.rtc._proto import audio_frame_pb2 as proto_audio
from livekit.rtc._proto import ffi_pb2 as proto
from livekit.rtc._utils import Queue

from sip.bridge.ffi.callback import receive
from sip.bridge.ffi.handles import drop_handle, forgive

RELEASE = "1.1.21"
"""Of the package `livekit`, which this folder is written against."""

Sink = Callable[[bytes], object]
"""Gets 20 ms of 16-bit samples; called on a native thread, so it may only append to a deque."""


class _Queue(FfiQueue[proto.FfiEvent]):
    def __init__(self) -> None:
        super().__init__()
        self.sinks: dict[int, Sink] = {}
        self.rooms: dict[int, tuple[Queue[proto.FfiEvent], asyncio.AbstractEventLoop]] = {}

    def put(self, item: proto.FfiEvent) -> None:
        kind = item.WhichOneof("message")
        if kind == "audio_stream_event":
            self._sound(item.audio_stream_event)
        elif kind == "room_event" and item.room_event.room_handle in self.rooms:
            queue, loop = self.rooms[item.room_event.room_handle]
            if not loop.is_closed():
                loop.call_soon_threadsafe(queue.put_nowait, item)
        else:
            super().put(item)

    def _sound(self, event: proto_audio.AudioStreamEvent) -> None:
        if not event.HasField("frame_received"):
            return
        frame = event.frame_received.frame
        sink = self.sinks.get(event.stream_handle)
        if sink is not None:
            length = 2 * frame.info.num_channels * frame.info.samples_per_channel
            sink(ctypes.string_at(frame.info.data_ptr, length))
        drop_handle(frame.handle.id)


def native_queue() -> _Queue:
    queue = FfiClient.instance.queue
    assert isinstance(queue, _Queue), "call install() before any room is made"
    return queue


Serialised = tuple[object, int]
"""A request that is made many times, and its length."""


def serialised(request: proto.FfiRequest) -> Serialised:
    raw = request.SerializeToString()
    return (ctypes.c_ubyte * len(raw)).from_buffer_copy(raw), len(raw)


def ask(what: Serialised) -> None:
    """Without a look at the answer."""
    request, length = what
    answer, answer_length = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_size_t()
    handle = FfiClient.instance._ffi_lib.livekit_ffi_request(
        request, length, ctypes.byref(answer), ctypes.byref(answer_length)
    )
    drop_handle(handle)


def install() -> None:
    """Put the short cut in place; once, before the first room of the process."""
    forgive()
    client = FfiClient.instance
    if isinstance(client.queue, _Queue):
        return
    if type(client._queue) is not FfiQueue or client._queue._subscribers:
        raise RuntimeError("livekit-rtc is in use already, or has changed inside")
    client._queue = queue = _Queue()
    receive(queue.put, RELEASE)


def route_events(room: rtc.Room) -> Callable[[], None]:
    """From now on this room's events go to this room only. Returns how to end that."""
    handle = room._ffi_handle
    assert handle is not None
    key, rooms = handle.handle, native_queue().rooms
    rooms[key] = (room._ffi_queue, room._loop)
    return lambda: rooms.pop(key, None) and None
