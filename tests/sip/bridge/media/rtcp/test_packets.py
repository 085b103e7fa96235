"""RTCP packets: what is built can be read, and what lies is not."""

from __future__ import annotations

import random
import struct

import pytest

from sip.bridge.media.rtcp.packets import BYE, Block, Report, Sent, build, middle, ntp, parse

BLOCK = Block(ssrc=7, fraction=0.25, lost=-3, highest=70_000, jitter=160, last_sr=9, delay=1.5)
SENT = Sent(ntp=ntp(1_700_000_000.5), timestamp=4_294_967_295, packets=12, octets=1920)


@pytest.mark.parametrize(
    "report",
    [
        Report(5, SENT, (BLOCK,), "abc"),
        Report(5, None, (BLOCK,), "abcd", bye=True),
        Report(5, None, (), "a name that is longer than the others"),
        Report(5, SENT, (BLOCK,) * 31, "ü"),
    ],
)
def test_a_report_survives_building_and_parsing(report: Report) -> None:
    assert parse(build(report)) == report


def test_the_name_ends_with_zeros_on_a_border_of_four_bytes() -> None:
    """RFC 3550 §6.5: at least one zero ends the list of items."""
    for length in range(1, 9):
        made = build(Report(5, cname="x" * length))

        assert len(made) % 4 == 0
        assert made.endswith(b"\x00")


def test_half_a_second_is_half_of_the_fraction() -> None:
    assert ntp(0.5) & 0xFFFFFFFF == 1 << 31
    assert middle(ntp(0.5)) & 0xFFFF == 1 << 15


def test_reports_of_more_than_31_sources_come_in_several_packets() -> None:
    first = build(Report(5, SENT, (BLOCK,)))[:52]
    more = build(Report(5, None, (BLOCK, BLOCK), "n"))

    found = parse(first + more)

    assert found == Report(5, SENT, (BLOCK, BLOCK, BLOCK), "n")


def test_goodbye_is_that_of_the_reporter_alone() -> None:
    other = struct.pack("!BBHI", 0x81, BYE, 1, 99)

    found = parse(build(Report(5, cname="n")) + other)

    assert found is not None
    assert not found.bye


def test_extended_reports_and_application_packets_are_passed_over() -> None:
    """RFC 3611 and RFC 3550 §6.7 come after the report in many telephones' packets."""
    extended = struct.pack("!BBHIHHII", 0x80, 207, 4, 5, 0x0400, 2, 0, 0)
    application = struct.pack("!BBHI4s", 0x80, 204, 2, 5, b"PoC1")

    found = parse(build(Report(5, SENT, (BLOCK,), "n")) + extended + application)

    assert found == Report(5, SENT, (BLOCK,), "n")


def test_padding_belongs_to_the_last_packet_only() -> None:
    plain = build(Report(5, cname="n"))
    padded = struct.pack("!BBHI", 0xA1, BYE, 2, 5) + b"\x00\x00\x00\x04"

    assert parse(plain + padded) == Report(5, cname="n", bye=True)
    assert parse(padded + plain) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\xc9\x00",
        b"\x80\xc9\x00\x01",
        b"\x80\xc9\x00\x02" + bytes(4),
        b"\x82\xc9\x00\x07" + bytes(28),
        b"\x81\xc8\x00\x06" + bytes(24),
        b"\x40\xc9\x00\x01" + bytes(4),
        b"\x80\xca\x00\x01" + bytes(4),
        b"\x80\xc9\x00\x01" + bytes(4) + b"\x80",
        b"\x80\xc9\x00\x01\x00\x00\x00\x05" + b"\x80\xc9\x00\x01\x00\x00\x00\x06",
        b"\xa0\xc9\x00\x01\x00\x00\x00\xff",
        bytes(1400),
        b"\xff" * 1400,
    ],
    ids=[
        "nothing",
        "short",
        "no source",
        "length beyond the end",
        "blocks that are not there",
        "sender's facts without its block",
        "version",
        "begins with a name",
        "bytes left over",
        "two reporters",
        "padding longer than the packet",
        "zeros",
        "ones",
    ],
)
def test_what_lies_is_not_read(data: bytes) -> None:
    assert parse(data) is None


def test_no_packet_of_a_stranger_ends_in_an_error() -> None:
    chance = random.Random(4)
    good = bytearray(build(Report(5, SENT, (BLOCK, BLOCK), "name", bye=True)))
    for _ in range(20_000):
        broken = bytearray(good[: chance.randrange(len(good) + 1)])
        for _ in range(chance.randrange(4)):
            if broken:
                broken[chance.randrange(len(broken))] = chance.randrange(256)

        found = parse(bytes(broken))

        assert found is None or len(found.blocks) <= 62
