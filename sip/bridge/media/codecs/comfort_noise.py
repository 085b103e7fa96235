"""The noise that a phone asks for while it sends no sound (RFC 3389). We send none: see *Comfort
noise* in `sip/README.md`."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from sip.bridge.media.g711 import FRAME, Pcm

FULL_SCALE = 32768
LOUDEST_DB = -40
"""Below full scale. Louder is no background; whoever sends it means something else."""

FRAMES = 50
"""A second of noise, again and again."""


@cache
def _noise() -> npt.NDArray[np.float32]:
    """White, with a mean square of 1. What RFC 3389 says of its spectrum is left out."""
    return np.random.default_rng(3389).standard_normal((FRAMES, 2 * FRAME), np.float32)


class ComfortNoise:
    """`on` from a packet of noise until the next of sound."""

    def __init__(self) -> None:
        self.on = False
        self._loudness = 0.0
        self._next = 0

    def begin(self, payload: bytes) -> None:
        """The first octet is the level in -dBov, 0 to 127."""
        level = -(payload[0] & 0x7F) if payload else -127
        self._loudness = FULL_SCALE * 10 ** (min(level, LOUDEST_DB) / 20)
        self.on = True

    def end(self) -> None:
        self.on = False

    def frame(self, samples: int = FRAME) -> Pcm:
        self._next = (self._next + 1) % FRAMES
        scaled = _noise()[self._next, :samples] * self._loudness
        return np.asarray(scaled, np.int16)
