"""The jitter buffer: sound in its place, at a steady pace, whatever the network does to it."""

from __future__ import annotations

import random

from sip.bridge.media.g711 import FRAME
from sip.bridge.media.jitter import (
    MAX_DELAY,
    SHRINK_AFTER,
    SHRINK_IN_PAUSE_AFTER,
    JitterBuffer,
)


def frame(index: int) -> bytes:
    return bytes([index % 200]) * FRAME


def octets(buffer: JitterBuffer) -> bytes | None:
    """The next 20 ms, whatever they are coded in."""
    frame = buffer.get()
    return None if frame is None else frame.octets


def stamp(index: int, start: int = 0) -> int:
    return (start + index * FRAME) & 0xFFFFFFFF


def test_packets_in_order_come_out_in_order_one_frame_later() -> None:
    """The first frame waits 20 ms, so that the second may be a little late."""
    buffer = JitterBuffer()
    heard = []
    for index in range(10):
        buffer.put(stamp(index), frame(index))
        heard.append(octets(buffer))

    assert heard[0] is None
    assert heard[1:] == [frame(index) for index in range(9)]


def test_reordered_and_doubled_packets_come_out_once_and_in_order() -> None:
    buffer = JitterBuffer()
    for index in (0, 2, 1, 1, 3):
        buffer.put(stamp(index), frame(index))

    heard = [octets(buffer) for _ in range(5)]

    assert heard == [None, frame(0), frame(1), frame(2), frame(3)]


def test_a_lost_packet_leaves_a_hole_of_its_own_length() -> None:
    buffer = JitterBuffer()
    for index in (0, 1, 3):
        buffer.put(stamp(index), frame(index))

    heard = [octets(buffer) for _ in range(5)]

    assert heard == [None, frame(0), frame(1), None, frame(3)]


def test_a_late_packet_makes_the_buffer_wait_longer_from_then_on() -> None:
    """Three frames late: moved back by what is needed, and nothing is lost after that."""
    buffer = JitterBuffer()
    buffer.put(stamp(0), frame(0))
    for _ in range(5):
        buffer.get()
    heard = []
    for index in range(1, 20):
        buffer.put(stamp(index), frame(index))
        heard.append(octets(buffer))

    assert buffer.late == 1
    assert [h for h in heard if h is not None] == [frame(index) for index in range(1, 20)]


def test_delay_that_is_not_needed_is_given_back() -> None:
    """After 5 s with more in store than needed one frame is left out."""
    buffer = JitterBuffer()
    for index in range(5):
        buffer.put(stamp(index), frame(index))
    before = buffer.delay
    for index in range(5, 5 + SHRINK_AFTER):
        buffer.get()
        buffer.put(stamp(index), frame(index))

    assert buffer.skipped == 1
    assert buffer.delay == before - FRAME


def test_delay_is_given_back_sooner_where_nobody_speaks() -> None:
    """After 1 s, in the first frame that is a pause."""
    pause = frame(7)
    buffer = JitterBuffer(lambda heard: heard.octets == pause)
    for index in range(5):
        buffer.put(stamp(index), frame(index))
    before = buffer.delay
    for index in range(5, 5 + 2 * SHRINK_IN_PAUSE_AFTER):
        buffer.get()
        buffer.put(stamp(index), frame(1))
    assert buffer.skipped == 0

    for index in range(5 + 2 * SHRINK_IN_PAUSE_AFTER, 15 + 2 * SHRINK_IN_PAUSE_AFTER):
        buffer.get()
        buffer.put(stamp(index), pause)

    assert buffer.skipped == 1
    assert buffer.delay == before - FRAME


def test_delay_never_grows_beyond_its_limit() -> None:
    buffer = JitterBuffer()
    random.seed(5)
    for index in range(400):
        buffer.put(stamp(max(0, index - random.randrange(12))), frame(index))
        buffer.get()

        assert buffer.delay <= MAX_DELAY + FRAME


def test_a_sender_that_stands_still_and_goes_on_is_followed() -> None:
    """Hold without timestamps: after a second of nothing the old line goes on, and is heard."""
    buffer = JitterBuffer()
    for index in range(5):
        buffer.put(stamp(index), frame(index))
        buffer.get()
    for _ in range(50):
        buffer.get()
    heard = []
    for index in range(5, 25):
        buffer.put(stamp(index), frame(index))
        heard.append(octets(buffer))

    assert heard[-5:] == [frame(index) for index in range(19, 24)]


def test_a_jump_of_the_timestamps_starts_anew() -> None:
    """A transfer inside the carrier's network changes the sender: no second of silence."""
    buffer = JitterBuffer()
    for index in range(3):
        buffer.put(stamp(index), frame(index))
        buffer.get()
    heard = []
    for index in range(3):
        buffer.put(stamp(index, start=1_000_000), frame(50 + index))
        heard.append(octets(buffer))

    assert heard == [None, frame(50), frame(51)]


def test_timestamps_may_wrap_around() -> None:
    start = 0xFFFFFFFF - 2 * FRAME
    buffer = JitterBuffer()
    heard = []
    for index in range(8):
        buffer.put(stamp(index, start), frame(index))
        heard.append(octets(buffer))

    assert heard[1:] == [frame(index) for index in range(7)]


def test_packets_of_any_length_make_one_line() -> None:
    """10, 30 and 60 ms packets are cut to the frames of the clock."""
    line = bytes(index % 250 for index in range(4000))
    buffer = JitterBuffer()
    place = 0
    heard = b""
    for length in (80, 240, 480, 80, 80, 240, 480, 480):
        buffer.put(place, line[place : place + length])
        place += length
        while buffer.delay >= 2 * FRAME:
            heard += octets(buffer) or b""
    while buffer.delay >= FRAME:
        heard += octets(buffer) or b""

    assert heard == line[: len(heard)]
    assert len(heard) >= place - 2 * FRAME


def test_what_is_no_sound_is_ignored() -> None:
    buffer = JitterBuffer()
    buffer.put(0, b"")
    buffer.put(0, bytes(60_000))

    assert buffer.get() is None
