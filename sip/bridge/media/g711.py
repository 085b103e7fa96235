"""G.711 by table (ITU-T G.711): a byte a sample, 8000 samples a second."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Pcm = npt.NDArray[np.int16]
Bytes = npt.NDArray[np.uint8]

SAMPLE_RATE = 8000
FRAME = 160
"""Samples of one frame: 20 ms."""
FRAME_SECONDS = FRAME / SAMPLE_RATE
SILENCE: Pcm = np.zeros(FRAME, np.int16)
SILENCE.flags.writeable = False
PAUSE = 200
"""A sample beyond that is louder than the hum of a line."""


def loudness(pcm: Pcm) -> int:
    return max(int(pcm.max()), -int(pcm.min()))


def is_pause(pcm: Pcm) -> bool:
    """Nobody speaks in it."""
    return loudness(pcm) <= PAUSE


def _decode_ulaw() -> Pcm:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return np.where(code & 0x80, 0x84 - magnitude, magnitude - 0x84).astype(np.int16)


def _decode_alaw() -> Pcm:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment = (code & 0x70) >> 4
    step = (code & 0x0F) << 4
    above = (step + 0x108) << np.maximum(segment - 1, 0)
    magnitude = np.where(segment == 0, step + 8, above)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _nearest_codes(decoded: Pcm) -> Bytes:
    """For each 16-bit sample, read as unsigned, the code whose value is nearest."""
    order = np.argsort(decoded, kind="stable")
    values = decoded[order].astype(np.int32)
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    above = np.clip(np.searchsorted(values, samples), 1, 255)
    nearer_below = samples - values[above - 1] <= values[above] - samples
    return order[np.where(nearer_below, above - 1, above)].astype(np.uint8)


@dataclass(frozen=True)
class Codec:
    """One of the two laws. `silence` is the byte that decodes to (almost) nothing."""

    payload_type: int
    name: str
    silence: int
    _decoded: Pcm
    _encoded: Bytes

    def decode(self, payload: bytes | bytearray) -> Pcm:
        return self._decoded[np.frombuffer(payload, np.uint8)]

    def is_pause(self, payload: bytes) -> bool:
        return is_pause(self.decode(payload))

    def encode(self, pcm: Pcm) -> bytes:
        return self._encoded[pcm.view(np.uint16)].tobytes()


@cache
def _codecs() -> dict[int, Codec]:
    ulaw, alaw = _decode_ulaw(), _decode_alaw()
    return {
        0: Codec(0, "PCMU", 0xFF, ulaw, _nearest_codes(ulaw)),
        8: Codec(8, "PCMA", 0xD5, alaw, _nearest_codes(alaw)),
    }


def codec(payload_type: int) -> Codec:
    """PCMU is 0, PCMA is 8 (RFC 3551 §6); KeyError for anything else."""
    return _codecs()[payload_type]
