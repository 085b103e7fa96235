"""Ports that nobody uses at this moment, so that runs beside each other do not meet.

All lie below those that the kernel gives to outgoing connections: one of these would take a port
between its choice and its use.
"""

from __future__ import annotations

import random
import socket
from collections import deque

_promised: deque[socket.socket] = deque()
_PROMISES = 300
"""Names in the kernel that say to other processes which ports are about to be used here. They go
with the process, and the oldest when they are many."""


def free_ports(count: int) -> list[int]:
    """Free for TCP and for UDP alike, all different, and promised to nobody else."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(10_000, 20_000)
        if _is_free(port) and (promise := _promise(port)) is not None:
            _promised.append(promise)
            found.append(port)
    while len(_promised) > _PROMISES:
        _promised.popleft().close()
    return found


def _is_free(port: int) -> bool:
    return all(_binds(kind, ("", port)) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))


def _binds(kind: socket.SocketKind, address: tuple[str, int]) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(address)
        except OSError:
            return False
    return True


def _promise(port: int) -> socket.socket | None:
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0switchboard-test-port-{port}")
    except OSError:
        name.close()
        return None
    return name


def free_udp_range(length: int) -> tuple[int, int]:
    """A run of UDP ports below the ones that the kernel gives to outgoing connections."""
    for _ in range(200):
        low = random.randrange(20_000, 32_000 - length) // 2 * 2
        if not bound_udp(low, low + length - 1):
            return low, low + length - 1
    raise RuntimeError(f"no {length} free UDP ports in a row")


def bound_udp(low: int, high: int) -> list[int]:
    """Which ports of the range somebody holds on loopback."""
    ports = range(low, high + 1)
    return [port for port in ports if not _binds(socket.SOCK_DGRAM, ("127.0.0.1", port))]
