"""Packets of the length that the phone wants, out of frames of 20 ms."""

from __future__ import annotations

import pytest

from sip.bridge.media.packet import Packetiser

FRAMES = [bytes([index]) * 160 for index in range(12)]


def packets_of(packet_ms: int, start: int = 1000) -> list[tuple[int, bytes]]:
    packetiser = Packetiser(packet_ms)
    made = []
    for index, frame in enumerate(FRAMES):
        made += packetiser.add(frame, (start + 160 * index) & 0xFFFFFFFF)
    return made + packetiser.flush()


@pytest.mark.parametrize("packet_ms", [10, 20, 30, 40, 50, 60])
def test_nothing_is_lost_and_each_packet_says_where_it_belongs(packet_ms: int) -> None:
    made = packets_of(packet_ms)

    length = 8 * packet_ms
    assert b"".join(payload for _, payload in made) == b"".join(FRAMES)
    assert [stamp for stamp, _ in made] == [1000 + length * index for index in range(len(made))]
    assert {len(payload) for _, payload in made[:-1]} == {length}


def test_timestamps_wrap_around_inside_a_frame() -> None:
    stamps = [stamp for stamp, _ in packets_of(10, start=0xFFFFFFFF - 79)]

    assert stamps[:3] == [0xFFFFFFB0, 0, 80]


def test_what_waits_goes_out_before_a_pause_and_only_once() -> None:
    packetiser = Packetiser(60)
    packetiser.add(FRAMES[1], 0)
    packetiser.add(FRAMES[2], 160)

    assert packetiser.flush() == [(0, FRAMES[1] + FRAMES[2])]
    assert packetiser.flush() == []


def test_after_a_pause_a_packet_begins_where_the_sound_does() -> None:
    packetiser = Packetiser(40)
    packetiser.add(FRAMES[1], 0)
    packetiser.flush()
    packetiser.add(FRAMES[2], 8000)

    assert packetiser.add(FRAMES[3], 8160) == [(8000, FRAMES[2] + FRAMES[3])]
