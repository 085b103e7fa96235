"""A track of the room: heard soon, without holes, and its delay never piles up."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from sip.bridge.media.g711 import FRAME, Pcm
from sip.bridge.room.tracks.track_queue import DEEPEST, TrackQueue
from tests.sip.bridge.media.playout.line import quietest, wave, whole, worst_turn

HZ = 350.0
TONE = wave(HZ)


def frame(value: int) -> bytes:
    return np.full(FRAME, value, np.int16).tobytes()


def heard(queue: TrackQueue, seconds: float, late: Callable[[int], float]) -> list[Pcm | None]:
    """Of a tone whose frames come so much too late, one after the other."""
    coming = sorted(0.013 + index * 0.02 + late(index) for index in range(int(seconds * 50)))
    found: list[Pcm | None] = []
    index = 0
    for tick in range(len(coming)):
        while index < len(coming) and coming[index] <= tick * 0.02:
            queue.put(TONE(index * FRAME, FRAME).tobytes(), coming[index])
            index += 1
        found.append(queue.take(tick * 0.02))
    return found


def test_a_track_begins_with_its_first_frame() -> None:
    """Unless that has only just come: one more tick hides an uneven delivery."""
    early, just = TrackQueue(), TrackQueue()
    early.put(frame(1), 0.01)
    just.put(frame(1), 0.019)
    first = [queue.take(0.02) for queue in (early, just)]
    then = just.take(0.04)

    assert first[0] is not None
    assert first[1] is None
    assert then is not None
    assert then[0] == 1


def test_an_even_track_does_not_wait() -> None:
    queue = TrackQueue()
    found = heard(queue, 20, lambda index: 0.0)

    assert all(pcm is not None for pcm in found[5:])
    assert queue.delay == 0.0


@pytest.mark.parametrize("most", [0.01, 0.03, 0.05])
def test_an_uneven_track_has_no_holes(most: float) -> None:
    chance = random.Random(7)
    queue = TrackQueue()
    found = heard(queue, 60, lambda index: chance.random() * most)[8 * 50 :]

    assert all(pcm is not None for pcm in found)
    assert quietest(whole(iter(found))) > 3000
    assert queue.delay <= most + 0.02


def test_delay_cannot_pile_up() -> None:
    queue = TrackQueue()
    for value in range(DEEPEST + 4):
        queue.put(frame(value), 0.0)
    first = queue.take(0.1)

    assert first is not None
    assert first[0] == 4


def test_a_late_burst_does_not_delay_the_rest_of_the_call() -> None:
    """And what it has left behind is given back where nobody hears it."""
    queue = TrackQueue()
    found = heard(queue, 40, lambda index: max(0, 104 - index) * 0.02 if index >= 100 else 0.0)

    assert queue.delay < 0.021
    assert worst_turn(whole(iter(found[130:])), HZ) < 0.08


def test_a_track_that_stops_fades_and_is_silent() -> None:
    queue = TrackQueue()
    for index in range(10):
        queue.put(TONE(index * FRAME, FRAME).tobytes(), index * 0.02)
        queue.take(index * 0.02 + 0.01)
    after = [queue.take(0.2 + index * 0.02) for index in range(10)]
    loud = [0 if pcm is None else int(np.abs(pcm).max()) for pcm in after]

    assert loud == sorted(loud, reverse=True)
    assert after[-1] is None


def test_what_came_before_is_forgotten_when_told_so() -> None:
    queue = TrackQueue()
    for value in (5, 6):
        queue.put(frame(value), 0.0)
    queue.take(0.01)
    queue.clear()
    nothing = queue.take(0.03)
    queue.put(frame(9), 0.035)
    first = queue.take(0.05)

    assert nothing is None
    assert first is not None
    assert first[0] == 9


def test_a_frame_of_another_length_is_heard_all_the_same() -> None:
    queue = TrackQueue()
    for index in range(8):
        queue.put(np.full(FRAME // 2, index, np.int16).tobytes(), 0.0)
    taken = [queue.take(0.1 + 0.02 * index) for index in range(3)]

    assert [None if pcm is None else (int(pcm[0]), int(pcm[-1])) for pcm in taken] == [
        (2, 3),
        (4, 5),
        (6, 7),
    ]
