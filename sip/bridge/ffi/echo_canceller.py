"""WebRTC's echo canceller, without the SDK's copies of each frame."""

from __future__ import annotations

import ctypes

import numpy as np
from livekit import rtc
from livekit.rtc._proto import ffi_pb2 as proto

from sip.bridge.ffi.client import Serialised, ask, serialised
from sip.bridge.ffi.sound import CHUNK
from sip.bridge.media.g711 import FRAME, SAMPLE_RATE, Pcm


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
        return serialised(request)

    def cancel(self, sent: Pcm, heard: Pcm) -> Pcm:
        """What is left of `heard` without the echo of `sent`."""
        told, raw, left = sent.tobytes(), heard.tobytes(), b""
        for start in range(0, 2 * FRAME, 2 * CHUNK):
            ctypes.memmove(self._sent, told[start : start + 2 * CHUNK], 2 * CHUNK)
            ask(self._tell_sent)
            ctypes.memmove(self._heard, raw[start : start + 2 * CHUNK], 2 * CHUNK)
            ask(self._process_heard)
            left += ctypes.string_at(self._heard, 2 * CHUNK)
        return np.frombuffer(left, np.int16)
