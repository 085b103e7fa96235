"""What the phone hears of several tracks."""

from __future__ import annotations

import numpy as np

from sip.bridge.media.g711 import FRAME, SILENCE
from sip.bridge.room.tracks.mixer import mix


def test_voices_are_added_and_clipped() -> None:
    loud, quiet = np.full(FRAME, 30000, np.int16), np.full(FRAME, 100, np.int16)

    assert mix([loud, quiet])[0] == 30100
    assert mix([loud, loud])[0] == 32767
    assert mix([-loud, -loud])[0] == -32768


def test_nobody_is_silence() -> None:
    assert mix([]) is SILENCE
