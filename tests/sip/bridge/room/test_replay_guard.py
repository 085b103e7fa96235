"""What a phone that joins a call of others hears of an agent who is talking to them."""

from __future__ import annotations

import numpy as np

from sip.bridge.media.g711 import FRAME
from sip.bridge.room.tracks.replay_guard import (
    LONGEST_FRAMES,
    PAUSE_FRAMES,
    SHORTEST_FRAMES,
    ReplayGuard,
)
from sip.bridge.room.tracks.track_queue import TrackQueue

LOUD = np.full(FRAME, 5000, np.int16).tobytes()
SOFT = np.zeros(FRAME, np.int16).tobytes()


def heard(frames: list[bytes], *, joining: bool = True) -> list[int]:
    """The loudness of each frame that is heard, -1 for none, as they come one by one."""
    queue = TrackQueue()
    track = ReplayGuard(queue)
    if joining:
        track.start()
    found = []
    for tick, frame in enumerate(frames):
        queue.put(frame, tick * 0.02)
        pcm = track.take(tick * 0.02 + 0.01)
        found.append(-1 if pcm is None else int(pcm.max()))
    return found


def test_the_end_of_a_ringing_tone_is_not_for_whom_was_rung() -> None:
    """It stops a moment after the answer; what comes after the pause is heard."""
    pause = [SOFT] * PAUSE_FRAMES

    assert max(heard([LOUD] * 30 + pause + [SOFT] * 2)) == 0
    assert heard([LOUD] * 30 + pause + [LOUD] * 10)[-8:] == [5000] * 8


def test_a_word_that_begins_with_the_answer_is_not_for_whom_was_rung() -> None:
    """The agent has not heard of the answer yet and speaks to the caller."""
    begun = [SOFT] * 5 + [LOUD] * (SHORTEST_FRAMES - 8)

    assert max(heard(begun + [SOFT] * 10)) == 0


def test_an_agent_who_is_silent_is_heard_from_the_first_word_on() -> None:
    assert heard([SOFT] * SHORTEST_FRAMES + [LOUD] * 5)[-4:] == [5000] * 4


def test_an_agent_who_does_not_pause_is_heard_after_a_second() -> None:
    found = heard([LOUD] * (LONGEST_FRAMES + 5))

    assert found.index(5000) == LONGEST_FRAMES


def test_who_joins_nobody_hears_all() -> None:
    assert heard([LOUD] * 5, joining=False) == [5000] * 5
