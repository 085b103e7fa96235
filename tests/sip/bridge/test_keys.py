"""Telephone keys as RTP events (RFC 4733)."""

from __future__ import annotations

import struct

from sip.bridge.media.keys import KeyReader, KeyWriter


def event(code: int, duration: int, *, end: bool = False) -> bytes:
    return struct.pack("!BBH", code, (0x80 if end else 0) | 10, duration)


def test_a_key_is_heard_once_however_many_packets_it_takes() -> None:
    reader = KeyReader()
    packets = [event(5, 160 * n) for n in range(1, 8)] + [event(5, 1280, end=True)] * 3

    heard = [reader.read(1000, packet) for packet in packets]

    assert [key for key in heard if key] == ["5"]
    assert heard[0] == "5"


def test_a_key_is_heard_even_if_only_its_end_arrives() -> None:
    """Any packet may be lost, and some carriers never set the marker bit."""
    assert KeyReader().read(1000, event(11, 1280, end=True)) == "#"


def test_the_same_key_twice_is_two_keys() -> None:
    reader = KeyReader()

    heard = [reader.read(ts, event(1, 800, end=True)) for ts in (1000, 1000, 4000, 4000)]

    assert heard == ["1", None, "1", None]


def test_a_key_held_for_long_is_still_one_key() -> None:
    """After 0xFFFF samples the event goes on under a new timestamp (RFC 4733 §2.5.1.3)."""
    reader = KeyReader()

    heard = [
        reader.read(1000, event(9, 0xFFFF)),
        reader.read(1000 + 0xFFFF, event(9, 160)),
        reader.read(1000 + 0xFFFF, event(9, 320, end=True)),
    ]

    assert heard == ["9", None, None]


def test_events_that_are_no_keys_are_left_out() -> None:
    """Flash is 16; and a packet may be cut short."""
    reader = KeyReader()

    assert reader.read(1, event(16, 160)) is None
    assert reader.read(2, b"\x01") is None


def test_a_pressed_key_goes_out_as_one_event() -> None:
    """160 ms of packets, the last of them three times, then a gap."""
    writer = KeyWriter()
    writer.press("4")
    slots = []
    while writer:
        slots.append(writer.next())

    sent = [slot for slot in slots if slot is not None]
    assert len(sent) == 8
    assert [slot.starts for slot in sent] == [True] + [False] * 7
    assert [slot.copies for slot in sent] == [1] * 7 + [3]
    durations = [struct.unpack("!BBH", slot.payload) for slot in sent]
    assert [duration for _, _, duration in durations] == [160 * n for n in range(1, 9)]
    assert [flags >> 7 for _, flags, _ in durations] == [0] * 7 + [1]
    assert slots[8:] == [None] * 4


def test_what_a_reader_reads_is_what_a_writer_wrote() -> None:
    """All keys, with a pause, without what is no key."""
    writer, reader = KeyWriter(), KeyReader()
    writer.press("0123456789*#abcdw!7")
    heard, timestamp, start = "", 0, 0
    while writer:
        slot = writer.next()
        timestamp += 160
        if slot is not None:
            start = timestamp if slot.starts else start
            heard += reader.read(start, slot.payload) or ""

    assert heard == "0123456789*#ABCD7"
