"""A ladder as a capture file that Wireshark opens: each message as the one UDP datagram it might
have been (libpcap's format, link type RAW)."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator

from gateway.history.ladder import Ladder

MAGIC, RAW = 0xA1B2C3D4, 101
_FILE = struct.Struct("!IHHiIII")
_RECORD = struct.Struct("!IIII")
_UDP = 17
_LONGEST = 65_000
"""Octets of a message that fit into one datagram with its headers."""

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
End = tuple[IP, int]


def pcap(ladder: Ladder) -> bytes:
    """Times as they were recorded; passwords and keys are as absent as from the ladder itself."""
    return b"".join([_FILE.pack(MAGIC, 2, 4, 0, 0, 262_144, RAW), *_records(ladder)])


def _records(ladder: Ladder) -> Iterator[bytes]:
    for rung in ladder.rungs:
        ours, theirs = _end(ladder.local), _end(rung.peer)
        if ours[0].version != theirs[0].version:
            ours = _mapped(ours, theirs[0].version)
        source, target = (ours, theirs) if rung.sent else (theirs, ours)
        packet = _datagram(source, target, rung.text.encode()[:_LONGEST])
        seconds = int(rung.at.timestamp())
        yield _RECORD.pack(seconds, rung.at.microsecond, len(packet), len(packet)) + packet


def _end(text: str) -> End:
    host, _, port = text.rpartition(":")
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:  # a name by which others reach us: any address will do
        address = ipaddress.ip_address("192.0.2.1")
    return address, int(port) if port.isdigit() else 5060


def _mapped(end: End, version: int) -> End:
    """Our address where the other side has one of the other family: a listener for both."""
    unspecified = "::" if version == 6 else "0.0.0.0"
    return ipaddress.ip_address(unspecified), end[1]


def _datagram(source: End, target: End, payload: bytes) -> bytes:
    length = 8 + len(payload)
    pseudo = source[0].packed + target[0].packed + struct.pack("!IHH", length, 0, _UDP)
    ports = struct.pack("!HHH", source[1], target[1], length)
    check = _checksum(pseudo + ports + b"\0\0" + payload) or 0xFFFF
    udp = ports + struct.pack("!H", check) + payload
    if source[0].version == 6:
        head = struct.pack("!IHBB", 6 << 28, length, _UDP, 64)
        return head + source[0].packed + target[0].packed + udp
    start = struct.pack("!BBHHHBB", 0x45, 0, 20 + length, 0, 0, 64, _UDP)
    addresses = source[0].packed + target[0].packed
    check = _checksum(start + b"\0\0" + addresses)
    return start + struct.pack("!H", check) + addresses + udp


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
