"""RTCP reports (RFC 3550 §6): how well each side hears the other, and how far away it is."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SR, RR, SDES, BYE = 200, 201, 202, 203
CNAME = 1

NTP_EPOCH = 2_208_988_800
"""Seconds from 1900, where NTP begins to count, to 1970."""

_HEADER = struct.Struct("!BBHI")
_SENDER = struct.Struct("!QIII")
_BLOCK = struct.Struct("!IIIIII")
_MOST_LOST = 0x7FFFFF


@dataclass(frozen=True, slots=True)
class Block:
    """What one side says of the packets of the other (§6.4.1). `fraction` is of those expected
    since its last report, `jitter` in units of the timestamps, `delay` in seconds since the sender
    report that `last_sr` names by the middle of its NTP time; 0 where none has come."""

    ssrc: int
    fraction: float
    lost: int
    highest: int
    jitter: int
    last_sr: int = 0
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What a sender says of itself: `ntp` as 32 bits of seconds and 32 of their fraction."""

    ntp: int
    timestamp: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class Report:
    ssrc: int
    sent: Sent | None = None
    """None in a receiver report."""
    blocks: tuple[Block, ...] = ()
    cname: str = ""
    bye: bool = False


def ntp(wall: float) -> int:
    """`wall` is in seconds since 1970."""
    return int((wall + NTP_EPOCH) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF


def middle(time: int) -> int:
    """The 32 bits in the middle of an NTP time: 1/65536 of a second."""
    return (time >> 16) & 0xFFFFFFFF


def build(report: Report) -> bytes:
    """A compound packet: the report, who it is from, and BYE if that is said."""
    body = b"".join(map(_packed, report.blocks))
    kind = RR
    if report.sent is not None:
        sent = report.sent
        kind = SR
        body = _SENDER.pack(sent.ntp, sent.timestamp, sent.packets, sent.octets) + body
    made = _packet(kind, len(report.blocks), report.ssrc, body)
    name = report.cname.encode()[:255]
    chunk = bytes([CNAME, len(name)]) + name
    chunk += bytes(4 - len(chunk) % 4)  # ends in zeros, at least one
    made += _packet(SDES, 1, report.ssrc, chunk)
    return made + _packet(BYE, 1, report.ssrc, b"") if report.bye else made


def parse(data: bytes) -> Report | None:
    """None for what is no compound packet that begins with a report (appendix A.2)."""
    found: Report | None = None
    for kind, count, body in _packets(data):
        if kind in (SR, RR):
            one = _report(kind, count, body)
            if one is None or (found is not None and one.ssrc != found.ssrc):
                return None
            blocks = one.blocks if found is None else found.blocks + one.blocks
            found = Report(one.ssrc, one.sent or (found.sent if found else None), blocks)
            continue
        if found is None:
            return None
        if kind == SDES:
            name = _cname(body, found.ssrc)
            found = Report(found.ssrc, found.sent, found.blocks, name or found.cname, found.bye)
        elif kind == BYE and found.ssrc.to_bytes(4, "big") in _sources(body, count):
            found = Report(found.ssrc, found.sent, found.blocks, found.cname, bye=True)
    return found if _whole(data) else None


def _packet(kind: int, count: int, ssrc: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, 1 + len(body) // 4, ssrc) + body


def _packed(block: Block) -> bytes:
    fraction = max(0, min(255, int(block.fraction * 256)))
    lost = max(-_MOST_LOST - 1, min(_MOST_LOST, block.lost)) & 0xFFFFFF
    delay = max(0, min(0xFFFFFFFF, int(block.delay * 65536)))
    highest, jitter = block.highest & 0xFFFFFFFF, min(0xFFFFFFFF, block.jitter)
    return _BLOCK.pack(block.ssrc, fraction << 24 | lost, highest, jitter, block.last_sr, delay)


def _packets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Kind, count and what follows the first four bytes, as far as the lengths are true."""
    at = 0
    while at + 4 <= len(data):
        length = 4 + 4 * int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + length
        if data[at] >> 6 != 2 or end > len(data):
            return
        padding = data[end - 1] if data[at] & 0x20 and length > 4 else 0
        yield data[at + 1], data[at] & 0x1F, data[at + 4 : max(at + 4, end - padding)]
        at = end


def _whole(data: bytes) -> bool:
    """Versions and lengths fit to the last byte; only the last packet is padded."""
    at = 0
    while at + 4 <= len(data):
        end = at + 4 + 4 * int.from_bytes(data[at + 2 : at + 4], "big")
        padded = bool(data[at] & 0x20)
        if data[at] >> 6 != 2 or end > len(data) or (padded and end != len(data)):
            return False
        at = end
    return at == len(data)


def _report(kind: int, count: int, body: bytes) -> Report | None:
    start = 4 + (_SENDER.size if kind == SR else 0)
    if len(body) < start + count * _BLOCK.size:
        return None
    sent = Sent(*_SENDER.unpack_from(body, 4)) if kind == SR else None
    blocks = tuple(_block(body, start + i * _BLOCK.size) for i in range(count))
    return Report(int.from_bytes(body[:4], "big"), sent, blocks)


def _block(body: bytes, at: int) -> Block:
    ssrc, loss, highest, jitter, last_sr, delay = _BLOCK.unpack_from(body, at)
    lost = loss & 0xFFFFFF
    if lost > _MOST_LOST:  # duplicates may make it negative
        lost -= 1 << 24
    return Block(ssrc, (loss >> 24) / 256, lost, highest, jitter, last_sr, delay / 65536)


def _sources(body: bytes, count: int) -> list[bytes]:
    return [body[i : i + 4] for i in range(0, min(4 * count, len(body)), 4)]


def _cname(body: bytes, ssrc: int) -> str:
    """Of the chunk of this source; chunks end at a multiple of four bytes."""
    at = 0
    while at + 4 < len(body):
        ours = int.from_bytes(body[at : at + 4], "big") == ssrc
        at += 4
        while at + 1 < len(body) and body[at]:
            kind, length = body[at], body[at + 1]
            if ours and kind == CNAME:
                return body[at + 2 : at + 2 + length].decode("utf-8", "replace")
            at += 2 + length
        at += 4 - at % 4
    return ""
