"""What the phone hears of several tracks."""

from __future__ import annotations

import numpy as np

from sip.bridge.media.g711 import FRAME, SILENCE
from sip.bridge.room.mixer import (
    DEEPEST,
    LATEST_AFTER,
    SPARE_AFTER,
    START,
    TrackQueue,
    mix,
)


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


def test_a_late_burst_does_not_delay_the_rest_of_the_call() -> None:
    """What was never needed for a second is given back in the next pause, a frame at a time."""
    queue = TrackQueue()
    for value in range(5):
        queue.put(frame(value))
    for tick in range(10 * SPARE_AFTER):
        queue.put(frame(3000 if tick % 10 else 0))
        queue.take()

    assert len(queue) == START - 1


def test_no_sound_is_dropped_while_a_voice_speaks() -> None:
    """Not before it has spoken for seconds without a pause."""
    queue = TrackQueue()
    for _ in range(4):
        queue.put(frame(3000))
    for _ in range(LATEST_AFTER - 1):
        queue.put(frame(3000))
        queue.take()

    assert len(queue) == 4


def test_voices_are_added_and_clipped() -> None:
    loud, quiet = np.full(FRAME, 30000, np.int16), np.full(FRAME, 100, np.int16)

    assert mix([loud, quiet])[0] == 30100
    assert mix([loud, loud])[0] == 32767
    assert mix([-loud, -loud])[0] == -32768


def test_nobody_is_silence() -> None:
    assert mix([]) is SILENCE
