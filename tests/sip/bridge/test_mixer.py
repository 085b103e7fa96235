"""What the phone hears of several tracks."""

from __future__ import annotations

import numpy as np

from sip.bridge.media.g711 import FRAME
from sip.bridge.room.mixer import DEEPEST, SILENCE, TrackQueue, mix


def frame(value: int) -> bytes:
    return np.full(FRAME, value, np.int16).tobytes()


def test_a_track_begins_when_two_frames_are_there() -> None:
    """Delivery is uneven; one frame in hand hides that."""
    queue = TrackQueue()
    queue.put(frame(1))
    first = queue.take()
    queue.put(frame(2))

    assert first is None
    assert [int(pcm[0]) for pcm in (queue.take(), queue.take()) if pcm is not None] == [1, 2]
    assert queue.take() is None


def test_delay_cannot_pile_up() -> None:
    queue = TrackQueue()
    for value in range(DEEPEST + 4):
        queue.put(frame(value))
    first = queue.take()

    assert first is not None
    assert first[0] == 4


def test_voices_are_added_and_clipped() -> None:
    loud, quiet = np.full(FRAME, 30000, np.int16), np.full(FRAME, 100, np.int16)

    assert mix([loud, quiet])[0] == 30100
    assert mix([loud, loud])[0] == 32767
    assert mix([-loud, -loud])[0] == -32768


def test_nobody_is_silence() -> None:
    assert mix([]) is SILENCE
