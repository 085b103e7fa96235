"""A filter in the kernel that drops what comes from some addresses before it wakes us.

Classic BPF on one socket (Linux, socket(7) SO_ATTACH_FILTER); needs no rights. Elsewhere, and for
IPv6, there is none, and what is turned away is read and thrown away.
"""

from __future__ import annotations

import contextlib
import ctypes
import ipaddress
import socket
import struct
from collections.abc import Iterable, Sequence

from sip.bridge.transport.blocklist import Shut
from sip.bridge.transport.peers import Network

SO_ATTACH_FILTER = getattr(socket, "SO_ATTACH_FILTER", 26)
SO_DETACH_FILTER = getattr(socket, "SO_DETACH_FILTER", 27)
SO_MEMINFO = 55
DROPS = slice(8 * 4, 9 * 4)
"""Where the number of dropped datagrams stands in what SO_MEMINFO gives."""

MOST_INSTRUCTIONS = 4096
SOURCE_ADDRESS = 0xFFF00000 + 12
"""Of the IPv4 header, counted from its start (SKF_NET_OFF) and not from what is after it."""

LOAD, AND, JUMP_IF_EQUAL, RETURN = 0x20, 0x54, 0x15, 0x06
PASS, DROP = 0xFFFFFFFF, 0

Instruction = tuple[int, int, int, int]
"""Operation, jump if true, jump if false, operand."""


def program(shut: Shut, peers: Iterable[Network]) -> list[Instruction]:
    """Those who are shut out are dropped; with `everybody`, all who are no peers, too."""
    made: list[Instruction] = []
    for host in sorted(shut.hosts):
        made += _answer(ipaddress.ip_network(host), DROP)
    if shut.everybody:
        for network in peers:
            made += _answer(network, PASS)
    made.append((RETURN, 0, 0, DROP if shut.everybody else PASS))
    return made


def attach(to: socket.socket, instructions: Sequence[Instruction]) -> bool:
    """Whether the kernel took it; one that was there is replaced."""
    if to.family != socket.AF_INET or len(instructions) > MOST_INSTRUCTIONS:
        return False
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    held = ctypes.create_string_buffer(code, len(code))
    argument = struct.pack("@HP", len(instructions), ctypes.addressof(held))
    try:
        to.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, argument)
    except OSError:
        return False
    return True


def detach(from_: socket.socket) -> None:
    """Harmless where there is none."""
    with contextlib.suppress(OSError):
        from_.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)


def dropped(by: socket.socket) -> int:
    """Datagrams that never reached us: filtered, or there was no room for them."""
    try:
        found = by.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 9 * 4)
    except OSError:
        return 0
    return int.from_bytes(found[DROPS], "little" if struct.pack("=H", 1)[0] else "big")


def _answer(network: Network, answer: int) -> list[Instruction]:
    """Return `answer` for this network, else go on. IPv6 never comes by a socket of IPv4."""
    if network.version != 4:
        return []
    return [
        (LOAD, 0, 0, SOURCE_ADDRESS),
        (AND, 0, 0, int(network.netmask)),
        (JUMP_IF_EQUAL, 0, 1, int(network.network_address)),
        (RETURN, 0, 0, answer),
    ]
