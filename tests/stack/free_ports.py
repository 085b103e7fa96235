"""Ports that nobody uses at this moment, so that runs beside each other do not meet."""

from __future__ import annotations

import random
import socket


def free_ports(count: int) -> list[int]:
    """Free for TCP and for UDP alike, all different."""
    held: list[socket.socket] = []
    found: list[int] = []
    try:
        while len(found) < count:
            tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            held += [tcp, udp]
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(("127.0.0.1", tcp.getsockname()[1]))
            except OSError:
                continue
            found.append(tcp.getsockname()[1])
    finally:
        for each in held:
            each.close()
    return found


def free_udp_range(length: int) -> tuple[int, int]:
    """A run of UDP ports below the ones that the kernel gives to outgoing connections."""
    for _ in range(200):
        low = random.randrange(20_000, 32_000 - length) // 2 * 2
        if not bound_udp(low, low + length - 1):
            return low, low + length - 1
    raise RuntimeError(f"no {length} free UDP ports in a row")


def bound_udp(low: int, high: int) -> list[int]:
    """Which ports of the range somebody holds on loopback."""
    taken = []
    for port in range(low, high + 1):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                taken.append(port)
    return taken
