"""WebRTC's echo canceller, without the SDK's copies of each frame."""

from __future__ import annotations

import ctypes

import numpy as np
from livekit import rtc
from livekit.rtc._proto import ffi_pb2 as proto

from sip.bridge.ffi.client import Serialised, ask, serialised
from sip.bridge.ffi.sound import BYTES, CHUNKS_A_SECOND
from sip.bridge.media.g711 import SAMPLE_RATE, Pcm


class Canceller:
    """WebRTC's echo canceller (AEC3), a frame of 20 ms at a time. About a percent of a core."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        self._rate = rate
        self._size = BYTES * rate // CHUNKS_A_SECOND
        self._module = rtc.AudioProcessingModule(echo_cancellation=True)
        self._sent, self._heard = ((ctypes.c_int16 * (self._size // BYTES))() for _ in range(2))
        self._tell_sent = self._request("apm_process_reverse_stream", self._sent)
        self._process_heard = self._request("apm_process_stream", self._heard)

    def _request(self, method: str, buffer: ctypes.Array[ctypes.c_int16]) -> Serialised:
        request = proto.FfiRequest()
        asked = getattr(request, method)
        asked.apm_handle = self._module._ffi_handle.handle
        asked.data_ptr = ctypes.addressof(buffer)
        asked.size = self._size
        asked.sample_rate = self._rate
        asked.num_channels = 1
        return serialised(request)

    def cancel(self, sent: Pcm, heard: Pcm) -> Pcm:
        """What is left of `heard` without the echo of `sent`."""
        told, raw, left = sent.tobytes(), heard.tobytes(), b""
        size = self._size
        for start in range(0, len(raw), size):
            ctypes.memmove(self._sent, told[start : start + size], size)
            ask(self._tell_sent)
            ctypes.memmove(self._heard, raw[start : start + size], size)
            ask(self._process_heard)
            left += ctypes.string_at(self._heard, size)
        return np.frombuffer(left, np.int16)
