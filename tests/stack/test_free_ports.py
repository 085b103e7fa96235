"""Servers of two test processes beside each other must not be given the same port."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import free_ports as ports
from tests.stack.free_ports import free_ports

THEIRS = """
from tests.stack.free_ports import free_ports
print(*free_ports(1), flush=True)
input()
"""
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_outgoing_connection_can_be_given_one_of_them() -> None:
    lowest = int(EPHEMERAL.read_text().split()[0])

    assert max(free_ports(50)) < lowest


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
@pytest.mark.parametrize("address", ["", "127.0.0.1"])
def test_a_port_in_use_is_passed_over(
    kind: socket.SocketKind, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, free = free_ports(2)
    numbers = iter([taken, free])
    monkeypatch.setattr(ports, "_promise", lambda _: socket.socket(socket.AF_UNIX))
    monkeypatch.setattr(ports.random, "randrange", lambda *_: next(numbers))

    with socket.socket(socket.AF_INET, kind) as user:
        user.bind((address, taken))
        assert free_ports(1) == [free]


def test_what_is_promised_here_another_process_passes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is free still: between the choice and the use lies the start of a server."""
    with subprocess.Popen(
        [sys.executable, "-c", THEIRS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        promised = int(other.stdout.readline())
        (free,) = free_ports(1)
        ports._promised.pop().close()
        numbers = iter([promised, free])
        monkeypatch.setattr(ports.random, "randrange", lambda *_: next(numbers))
        assert free_ports(1) == [free]
        other.communicate("\n")
