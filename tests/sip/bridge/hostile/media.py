"""What comes to media ports, as telephones and others send it: what mutants are made of."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from sip.bridge.media.packet import Packet, build
from sip.bridge.media.rtcp import packets as rtcp
from tests.sip.bridge.hostile.mutation import ANY, SEED, mutated

SSRC = 77


def _rtp(payload_type: int, payload: bytes, number: int = 1, ssrc: int = SSRC) -> bytes:
    return build(Packet(payload_type, number, 160 * number, ssrc, payload))


def _with_extension(raw: bytes, words: int) -> bytes:
    return bytes([raw[0] | 0x10]) + raw[1:12] + struct.pack("!HH", 0xBEDE, words) + raw[12:]


_BLOCK = rtcp.Block(SSRC, 0.1, -3, 70_000, 9)
_SENT = rtcp.Sent(rtcp.ntp(1.8e9), 160, 10, 1600)
_STUN = struct.pack("!HHI", 1, 8, 0x2112A442) + bytes(12) + struct.pack("!HHI", 0x8028, 4, 1)
_HELLO = bytes.fromhex("16feff0000000000000000007e010000720000000000000072fefd") + bytes(99)

CORPUS: tuple[bytes, ...] = (
    *(_rtp(0, bytes(160), number) for number in range(3)),
    _rtp(8, b"\xd5" * 240),
    _rtp(9, bytes(range(160))),
    _rtp(13, b"\x28"),
    _rtp(101, bytes((5, 10, 0, 160))),
    _rtp(101, bytes((11, 0x8A, 255, 255))),
    _rtp(96, bytes(1400)),
    _with_extension(_rtp(0, bytes(164)), 1),
    _with_extension(_rtp(0, bytes(164)), 0xFFFF),
    bytes([0xAF]) + _rtp(0, bytes(220))[1:],
    rtcp.build(rtcp.Report(SSRC, _SENT, (_BLOCK,), "ann@x")),
    rtcp.build(rtcp.Report(SSRC, None, (_BLOCK,) * 31, "", bye=True)),
    rtcp.build(rtcp.Report(SSRC)) + struct.pack("!BBHI4s", 0x81, 204, 2, SSRC, b"name"),
    rtcp.build(rtcp.Report(SSRC)) + struct.pack("!BBHII", 0x80, 207, 2, SSRC, 0x04000000),
    _STUN,
    _HELLO,
    b"\x10\x00PZRTP" + bytes(120),
    struct.pack("!HBB", 7, 1, 0) + b"t38",
    b"\xff" * 160,
    b"",
)


def mutants(count: int, seed: int = SEED) -> Iterator[bytes]:
    """Every other one is whole but for a few bits, so that it is read to its end."""
    chance = random.Random(seed)
    for number in range(count):
        ways = ANY if number % 2 else ANY[1:3]
        yield mutated(CORPUS, chance, ways)
