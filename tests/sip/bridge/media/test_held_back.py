"""What is said before the phone may be sent to."""

from __future__ import annotations

import numpy as np

from sip.bridge.media.g711 import FRAME, Pcm
from sip.bridge.media.held_back import LONGEST, HeldBack

PAUSE = np.zeros(FRAME, np.int16)


def word(number: int) -> Pcm:
    return np.full(FRAME, 1000 + number, np.int16)


def names(frames: list[Pcm | None]) -> list[int]:
    """The words among the frames, by their numbers."""
    return [int(frame[0]) - 1000 for frame in frames if frame is not None and frame[0]]


def test_nothing_is_held_of_a_phone_that_may_be_sent_to() -> None:
    held = HeldBack()
    frames = [word(n) for n in range(5)]

    assert [held.through(frame, may_send=True) for frame in frames] == frames


def test_no_word_that_was_said_before_the_ack_is_lost() -> None:
    """Whether it comes after 0, 5, 300 or 1500 ms: all of them, in order, one a tick."""
    for late in (0, 1, 15, 75):
        held = HeldBack()
        out = [held.through(word(n), may_send=n >= late) for n in range(200)]
        out += [held.through(PAUSE, may_send=True) for _ in range(400)]

        assert names(out) == list(range(200))
        assert names(out[:late]) == []
        assert names([out[late]]) == [0]


def test_the_silence_before_the_first_word_is_not_waited_for() -> None:
    held = HeldBack()
    for _ in range(10):
        held.through(PAUSE, may_send=False)
    first = held.through(word(1), may_send=True)

    assert names([first]) == [1]


def test_the_delay_is_given_back_in_the_pauses() -> None:
    """Every second frame of them: words do not run together, and a moment later nothing is late."""
    held = HeldBack()
    for n in range(15):
        held.through(word(n), may_send=False)
    for _ in range(40):
        held.through(PAUSE, may_send=True)

    assert names([held.through(word(99), may_send=True)]) == [99]


def test_what_is_too_old_is_not_said_any_more() -> None:
    """A phone that comes after more than three seconds hears what is said then."""
    held = HeldBack()
    for n in range(LONGEST + 1):
        held.through(word(n), may_send=False)
    held.through(word(500), may_send=False)

    assert not held.holds
    assert names([held.through(word(501), may_send=True)]) == [501]


def test_sound_that_stops_in_mid_call_is_not_kept() -> None:
    """Only the beginning is held back, and that of a phone that has moved."""
    held = HeldBack()
    held.through(word(0), may_send=True)
    held.through(word(1), may_send=False)
    after = held.through(word(2), may_send=True)
    held.begin()
    held.through(word(3), may_send=False)
    moved = held.through(word(4), may_send=True)

    assert names([after, moved]) == [2, 3]
