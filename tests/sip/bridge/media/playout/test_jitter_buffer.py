"""The jitter buffer: sound in its place, whatever the network does to it, and none of it twice."""

from __future__ import annotations

import pytest

from sip.bridge.media.g711 import FRAME
from sip.bridge.media.playout.jitter import HOPELESS, IDLE, MAX_DELAY, JitterBuffer


def frame(index: int) -> bytes:
    return bytes([index % 200]) * FRAME


def stamp(index: int, start: int = 0) -> int:
    return (start + index * FRAME) & 0xFFFFFFFF


def read(buffer: JitterBuffer, octets: int = FRAME) -> bytes | None:
    """The next of them in one piece or more; None if any is missing."""
    found = b""
    while octets > 0:
        piece = buffer.pull(octets)
        octets -= piece.length
        if not piece.octets:
            return None
        found += piece.octets
    return found


def test_packets_in_order_come_out_in_order_at_once() -> None:
    buffer = JitterBuffer()
    heard = []
    for index in range(10):
        buffer.put(stamp(index), frame(index))
        heard.append(read(buffer))

    assert heard == [frame(index) for index in range(10)]


def test_reordered_and_doubled_packets_come_out_once_and_in_order() -> None:
    """The first that comes need not be the first that was sent."""
    buffer = JitterBuffer()
    for index in (1, 0, 3, 2, 2, 4):
        buffer.put(stamp(index), frame(index))

    assert [read(buffer) for _ in range(5)] == [frame(index) for index in range(5)]
    assert buffer.late == 0


@pytest.mark.parametrize("again", [0, 1, 2])
def test_what_comes_again_after_it_was_heard_is_not_heard_again(again: int) -> None:
    buffer = JitterBuffer()
    for index in range(3):
        buffer.put(stamp(index), frame(index))
        read(buffer)
    place = buffer.put(stamp(again), frame(again))
    buffer.put(stamp(3), frame(3))

    assert place is None
    assert buffer.late == 0
    assert read(buffer) == frame(3)


def test_a_lost_packet_leaves_a_hole_of_its_own_length() -> None:
    buffer = JitterBuffer()
    for index in (0, 1, 3):
        buffer.put(stamp(index), frame(index))

    assert [read(buffer) for _ in range(4)] == [frame(0), frame(1), None, frame(3)]


@pytest.mark.parametrize("ticks", [1, 3, 5])
def test_a_late_packet_is_waited_for_if_nothing_newer_was_read(ticks: int) -> None:
    """Moved back by what is needed, and nothing is lost after that."""
    buffer = JitterBuffer()
    buffer.put(stamp(0), frame(0))
    for _ in range(1 + ticks):
        read(buffer)
    place = buffer.put(stamp(1), frame(1))
    heard = []
    for index in range(2, 20):
        heard.append(read(buffer))
        buffer.put(stamp(index), frame(index))

    assert place is not None
    assert (place.ahead, place.waited, place.anew) == (0, ticks * FRAME, False)
    assert buffer.late == 1
    assert heard == [frame(index) for index in range(1, 19)]


def test_a_packet_that_was_overtaken_too_late_is_lost_and_nothing_is_heard_twice() -> None:
    buffer = JitterBuffer()
    for index in (0, 2):
        buffer.put(stamp(index), frame(index))
    heard = [read(buffer) for _ in range(3)]
    place = buffer.put(stamp(1), frame(1))
    buffer.put(stamp(3), frame(3))

    assert heard == [frame(0), None, frame(2)]
    assert place is not None
    assert place.ahead == -2 * FRAME
    assert read(buffer) == frame(3)


def test_nothing_is_waited_for_beyond_the_limit() -> None:
    buffer = JitterBuffer()
    buffer.put(stamp(0), frame(0))
    read(buffer)
    for index in range(3, 6):
        buffer.put(stamp(index), frame(index))
    read(buffer)
    for index in range(6, 9):
        buffer.put(stamp(index), frame(index))
    buffer.put(stamp(1), frame(1))

    assert buffer.delay <= MAX_DELAY + FRAME


@pytest.mark.parametrize("still", [40, 100, 500])
def test_a_sender_that_stands_still_and_goes_on_is_followed_at_once(still: int) -> None:
    """Hold without timestamps: after a long time of nothing the old line goes on."""
    buffer = JitterBuffer()
    for index in range(5):
        buffer.put(stamp(index), frame(index))
        read(buffer)
    for _ in range(still):
        buffer.pull(FRAME)
    heard = []
    for index in range(5, 25):
        buffer.put(stamp(index), frame(index))
        heard.append(read(buffer))

    assert heard == [frame(index) for index in range(5, 25)]


def test_an_old_packet_in_a_pause_is_not_the_next_sound() -> None:
    buffer = JitterBuffer()
    for index in range(10):
        buffer.put(stamp(index), frame(index))
        read(buffer)
    for _ in range(IDLE // FRAME + 2):
        buffer.pull(FRAME)
    again = buffer.put(stamp(9), frame(9))

    assert again is None
    assert read(buffer) is None


@pytest.mark.parametrize("start", [1_000_000, 5_000, 0x80000000, 0xFFFF0000])
def test_a_jump_of_the_timestamps_starts_anew(start: int) -> None:
    """A transfer inside the carrier's network changes the sender: no second of silence."""
    buffer = JitterBuffer()
    for index in range(3):
        buffer.put(stamp(index), frame(index))
        read(buffer)
    heard = []
    for index in range(HOPELESS + 3):
        buffer.put(stamp(index, start), frame(50 + index))
        heard.append(read(buffer))

    assert heard[HOPELESS:] == [frame(50 + HOPELESS + index) for index in range(3)]


def test_timestamps_may_wrap_around() -> None:
    start = 0xFFFFFFFF - 2 * FRAME
    buffer = JitterBuffer()
    heard = []
    for index in range(8):
        buffer.put(stamp(index, start), frame(index))
        heard.append(read(buffer))

    assert heard == [frame(index) for index in range(8)]


def test_packets_of_any_length_make_one_line() -> None:
    """10 to 60 ms in any order, read in pieces of any length, for longer than the ring is."""
    line = bytes(index % 251 for index in range(60_000))
    buffer = JitterBuffer()
    place, turn, heard = 0, 0, b""
    while place + 480 <= len(line):
        length = (80, 240, 480, 80, 320, 160)[turn % 6]
        buffer.put(place, line[place : place + length], 1 + turn % 2)
        place, turn = place + length, turn + 1
        while buffer.delay >= 200:
            heard += read(buffer, 97 + turn % 60) or b"missing"
            assert buffer.has(buffer.delay)

    assert heard == line[: len(heard)]
    assert len(heard) >= place - 200


@pytest.mark.parametrize("payload", [b"", bytes(60_000)])
def test_what_is_no_sound_is_ignored(payload: bytes) -> None:
    buffer = JitterBuffer()

    assert buffer.put(0, payload) is None
    assert read(buffer) is None
