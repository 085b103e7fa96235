"""A short cut through livekit-rtc for sound, 50 frames a second and call.

The SDK hands every native event to every subscriber's filter and wraps each captured frame in a
queue subscription of its own, so its cost grows with the square of the calls. Here a frame goes
straight from the native callback to the one place that wants it, room events go to their own
room, and pushing a frame is one native call with a request that was serialised once.

Written against livekit 1.1.21; `install` refuses another shape of the SDK instead of failing later.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
from collections.abc import Callable

import numpy as np
from livekit import rtc
from livekit.rtc._ffi_client import FfiClient, FfiHandle, FfiQueue
from livekit.rtc._proto import audio_frame_pb2 as proto_audio
from livekit.rtc._proto import ffi_pb2 as proto
from livekit.rtc._utils import Queue

from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm

Sink = Callable[[bytes], object]
"""Gets 20 ms of 16-bit samples; called on a native thread, so it may only append to a deque."""

CHUNK = 80
"""Samples of one push: the 10 ms that a source without a queue takes."""

CHUNKS_KEPT = 16
"""Buffers in turn: a native task may still read one after the call that handed it over."""


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
        elif kind != "capture_audio_frame":  # nobody waits for those
            super().put(item)

    def _sound(self, event: proto_audio.AudioStreamEvent) -> None:
        if not event.HasField("frame_received"):
            return
        frame = event.frame_received.frame
        sink = self.sinks.get(event.stream_handle)
        if sink is not None:
            length = 2 * frame.info.num_channels * frame.info.samples_per_channel
            sink(ctypes.string_at(frame.info.data_ptr, length))
        _drop(frame.handle.id)


def _queue() -> _Queue:
    queue = FfiClient.instance.queue
    assert isinstance(queue, _Queue), "call ffi.install() before any room is made"
    return queue


def _drop(handle: int) -> None:
    FfiClient.instance._ffi_lib.livekit_ffi_drop_handle(handle)


Serialised = tuple[object, int]
"""A request that is made many times, and its length."""


def _serialised(request: proto.FfiRequest) -> Serialised:
    raw = request.SerializeToString()
    return (ctypes.c_ubyte * len(raw)).from_buffer_copy(raw), len(raw)


def _ask(what: Serialised) -> None:
    """Without a look at the answer."""
    request, length = what
    answer, answer_length = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_size_t()
    handle = FfiClient.instance._ffi_lib.livekit_ffi_request(
        request, length, ctypes.byref(answer), ctypes.byref(answer_length)
    )
    _drop(handle)


_kept: list[object] = []
_first_room: list[rtc.Room] = []


def keep_warm() -> None:
    """Hold one track for good: without any, the SDK takes WebRTC and its threads down after the
    last call and builds them again for the next."""
    source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=0)
    _kept.extend((source, rtc.LocalAudioTrack.create_audio_track("warm", source)))


def forgive() -> None:
    """Let a handle be dropped that is gone already.

    The SDK asserts that it is not, in a finaliser. But after a reconnect the native side has
    dropped the handles of the lost session by itself, which is what was wanted.
    """
    dispose = FfiHandle.dispose

    def quietly(handle: FfiHandle) -> None:
        with contextlib.suppress(AssertionError):
            dispose(handle)

    FfiHandle.dispose = quietly  # type: ignore[method-assign, assignment]


def install() -> None:
    """Put the short cut in place; once, before the first room of the process."""
    forgive()
    client = FfiClient.instance
    if isinstance(client.queue, _Queue):
        return
    if type(client._queue) is not FfiQueue or client._queue._subscribers:
        raise RuntimeError("livekit-rtc is in use already, or has changed inside")
    client._queue = _Queue()


def route_events(room: rtc.Room) -> Callable[[], None]:
    """From now on this room's events go to this room only. Returns how to end that."""
    handle = room._ffi_handle
    assert handle is not None
    key, rooms = handle.handle, _queue().rooms
    rooms[key] = (room._ffi_queue, room._loop)
    return lambda: rooms.pop(key, None) and None


def release(room: rtc.Room) -> None:
    """Give the native side of a room that was left back at once.

    The SDK leaves that to the garbage collector, since its objects refer to each other in circles,
    and a process of this size is searched for circles so seldom that the connections of hundreds of
    calls pile up meanwhile, 0.7 MB each.

    The first is kept for good. With its last room the SDK takes down what plays the sound of rooms,
    and a call that begins at that moment has none for as long as it lasts.
    """
    if not _first_room:
        _first_room.append(room)
        return
    handles = []
    for who in (room._local_participant, *room._remote_participants.values()):
        if who is None:
            continue
        for publication in who._track_publications.values():
            track = publication._track
            handles += [publication._ffi_handle, *([] if track is None else [track._ffi_handle])]
        handles.append(who._ffi_handle)
    if room._ffi_handle is not None:
        handles.append(room._ffi_handle)
    for handle in handles:
        handle.dispose()


class TrackSound:
    """The sound of one remote track, 20 ms at a time, into a sink."""

    def __init__(self, track: rtc.RemoteAudioTrack, sink: Sink) -> None:
        request = proto.FfiRequest()
        wanted = request.new_audio_stream
        wanted.track_handle = track._ffi_handle.handle
        wanted.sample_rate = SAMPLE_RATE
        wanted.num_channels = 1
        wanted.frame_size_ms = 20
        wanted.type = proto_audio.AudioStreamType.AUDIO_STREAM_NATIVE
        response = FfiClient.instance.request(request)
        self._handle = response.new_audio_stream.stream.handle.id
        _queue().sinks[self._handle] = sink

    def close(self) -> None:
        if _queue().sinks.pop(self._handle, None) is not None:
            _drop(self._handle)


class Microphone:
    """The phone's sound on its way into the room. `push` takes 20 ms and never waits."""

    def __init__(self) -> None:
        self.source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=0)
        self._buffers = [(ctypes.c_int16 * CHUNK)() for _ in range(CHUNKS_KEPT)]
        self._requests = [self._request(buffer) for buffer in self._buffers]
        self._next = 0
        self._open = True

    def _request(self, buffer: ctypes.Array[ctypes.c_int16]) -> Serialised:
        request = proto.FfiRequest()
        capture = request.capture_audio_frame
        capture.source_handle = self.source._ffi_handle.handle
        capture.buffer.data_ptr = ctypes.addressof(buffer)
        capture.buffer.num_channels = 1
        capture.buffer.sample_rate = SAMPLE_RATE
        capture.buffer.samples_per_channel = CHUNK
        return _serialised(request)

    def push(self, pcm: Pcm) -> None:
        if not self._open:
            return
        raw = pcm.tobytes()
        for start in range(0, 2 * FRAME, 2 * CHUNK):
            ctypes.memmove(self._buffers[self._next], raw[start : start + 2 * CHUNK], 2 * CHUNK)
            _ask(self._requests[self._next])
            self._next = (self._next + 1) % CHUNKS_KEPT

    async def aclose(self) -> None:
        self._open = False
        await self.source.aclose()


class Canceller:
    """WebRTC's echo canceller (AEC3), a frame of 20 ms at a time. About a percent of a core."""

    def __init__(self) -> None:
        self._module = rtc.AudioProcessingModule(echo_cancellation=True)
        self._sent, self._heard = ((ctypes.c_int16 * CHUNK)() for _ in range(2))
        self._tell_sent = self._request("apm_process_reverse_stream", self._sent)
        self._process_heard = self._request("apm_process_stream", self._heard)

    def _request(self, method: str, buffer: ctypes.Array[ctypes.c_int16]) -> Serialised:
        request = proto.FfiRequest()
        asked = getattr(request, method)
        asked.apm_handle = self._module._ffi_handle.handle
        asked.data_ptr = ctypes.addressof(buffer)
        asked.size = 2 * CHUNK
        asked.sample_rate = SAMPLE_RATE
        asked.num_channels = 1
        return _serialised(request)

    def cancel(self, sent: Pcm, heard: Pcm) -> Pcm:
        """What is left of `heard` without the echo of `sent`."""
        told, raw, left = sent.tobytes(), heard.tobytes(), b""
        for start in range(0, 2 * FRAME, 2 * CHUNK):
            ctypes.memmove(self._sent, told[start : start + 2 * CHUNK], 2 * CHUNK)
            _ask(self._tell_sent)
            ctypes.memmove(self._heard, raw[start : start + 2 * CHUNK], 2 * CHUNK)
            _ask(self._process_heard)
            left += ctypes.string_at(self._heard, 2 * CHUNK)
        return np.frombuffer(left, np.int16)
