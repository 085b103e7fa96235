"""What the phone hears: the sum of the room's tracks, one frame a tick."""

from __future__ import annotations

import numpy as np

from sip.bridge.media.g711 import SILENCE, Pcm


def mix(frames: list[Pcm], silence: Pcm = SILENCE) -> Pcm:
    """Never wraps around: what is too loud is clipped."""
    if not frames:
        return silence
    if len(frames) == 1:
        return frames[0]
    total = np.sum(frames, axis=0, dtype=np.int32)
    return np.clip(total, -32768, 32767).astype(np.int16)
