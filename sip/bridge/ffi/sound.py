"""Sound into a room and out of it, 20 ms at a time."""

from __future__ import annotations

import ctypes

from livekit import rtc
from livekit.rtc._ffi_client import FfiClient
from livekit.rtc._proto import audio_frame_pb2 as proto_audio
from livekit.rtc._proto import ffi_pb2 as proto

from sip.bridge.ffi.client import Serialised, Sink, ask, native_queue, serialised
from sip.bridge.ffi.handles import drop_handle
from sip.bridge.media.g711 import SAMPLE_RATE, Pcm

CHUNKS_A_SECOND = 100
"""A source without a queue takes 10 ms at a time."""
BYTES = 2
"""Of a sample."""

CHUNKS_KEPT = 16
"""Buffers in turn: a native task may still read one after the call that handed it over."""


class TrackSound:
    """The sound of one remote track, 20 ms at a time, into a sink."""

    def __init__(self, track: rtc.RemoteAudioTrack, sink: Sink, rate: int) -> None:
        request = proto.FfiRequest()
        wanted = request.new_audio_stream
        wanted.track_handle = track._ffi_handle.handle
        wanted.sample_rate = rate
        wanted.num_channels = 1
        wanted.frame_size_ms = 20
        wanted.type = proto_audio.AudioStreamType.AUDIO_STREAM_NATIVE
        response = FfiClient.instance.request(request)
        self._handle = response.new_audio_stream.stream.handle.id
        native_queue().sinks[self._handle] = sink

    def close(self) -> None:
        if native_queue().sinks.pop(self._handle, None) is not None:
            drop_handle(self._handle)


class Microphone:
    """The phone's sound on its way into the room. `push` takes 20 ms and never waits."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        self._rate = rate
        self._chunk = rate // CHUNKS_A_SECOND
        self.source = rtc.AudioSource(rate, 1, queue_size_ms=0)
        self._buffers = [(ctypes.c_int16 * self._chunk)() for _ in range(CHUNKS_KEPT)]
        self._requests = [self._request(buffer) for buffer in self._buffers]
        self._next = 0
        self._open = True

    def _request(self, buffer: ctypes.Array[ctypes.c_int16]) -> Serialised:
        request = proto.FfiRequest()
        capture = request.capture_audio_frame
        capture.source_handle = self.source._ffi_handle.handle
        capture.buffer.data_ptr = ctypes.addressof(buffer)
        capture.buffer.num_channels = 1
        capture.buffer.sample_rate = self._rate
        capture.buffer.samples_per_channel = self._chunk
        return serialised(request)

    def push(self, pcm: Pcm) -> None:
        if not self._open:
            return
        raw, size = pcm.tobytes(), BYTES * self._chunk
        for start in range(0, len(raw), size):
            ctypes.memmove(self._buffers[self._next], raw[start : start + size], size)
            ask(self._requests[self._next])
            self._next = (self._next + 1) % CHUNKS_KEPT

    async def aclose(self) -> None:
        self._open = False
        await self.source.aclose()
