"""Telephone keys as they are sent (RFC 4733)."""

from __future__ import annotations

import struct

import pytest

from sip.bridge.media.key_reader import KeyReader
from sip.bridge.media.keys import FRAME_MS, GAP_MS, KeyWriter
from sip.bridge.media.packet import Packet


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
    heard, timestamp, start, sequence = "", 0, 0, 0
    while writer:
        slot = writer.next()
        timestamp, sequence = timestamp + 160, sequence + 1
        if slot is not None:
            start = timestamp if slot.starts else start
            packet = Packet(101, sequence, start, 7, slot.payload)
            heard += reader.read(packet, timestamp / 8000) or ""

    assert heard == "0123456789*#ABCD7"


@pytest.mark.parametrize(
    ("keys", "seconds"), [("1w2", 0.5), ("1,2", 2.0), ("1p2", 2.0), ("1P,2", 4.0), ("12", 0.0)]
)
def test_a_string_of_keys_may_wait(keys: str, seconds: float) -> None:
    """`w` as LiveKit writes it, `,` and `p` as they stand in telephone numbers."""
    writer = KeyWriter()
    writer.press(keys)
    slots = [writer.next() for _ in iter(writer.__bool__, False)]
    second = [n for n, slot in enumerate(slots) if slot is not None and slot.starts][1]
    first_end = max(n for n, slot in enumerate(slots[:second]) if slot is not None)
    gap = (second - first_end - 1) * FRAME_MS - GAP_MS

    assert gap == seconds * 1000
