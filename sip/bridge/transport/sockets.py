"""The sockets that SIP comes by. Whoever binds them may be another process than the one that reads:
what arrives while nobody reads waits in them."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from typing import Any

from sip.bridge.transport.flow import Address

AddressInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]

TRIES_FOR_A_FREE_PORT = 20
"""A port that the kernel has free for TCP may be somebody's for UDP."""


@dataclass(frozen=True)
class Sockets:
    """One port, for TCP and for UDP. `address` has it, and the host as it was asked for."""

    address: Address
    stream: socket.socket
    datagram: socket.socket

    def copy(self) -> Sockets:
        """The same sockets for somebody who closes theirs."""
        return Sockets(self.address, self.stream.dup(), self.datagram.dup())

    def close(self) -> None:
        self.stream.close()
        self.datagram.close()


def bind(address: Address) -> Sockets:
    """Port 0 takes one that is free for both; raises OSError, which names the address, when it is
    taken. May wait for a name to be looked up."""
    host, port = address
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    tries = 1 if port else TRIES_FOR_A_FREE_PORT
    while True:
        tries -= 1
        try:
            stream, datagram = _bound(found[0])
        except OSError as error:
            if not tries or error.errno != errno.EADDRINUSE:
                raise OSError(error.errno, f"{host}:{port}: {error.strerror}") from error
        else:
            return Sockets((host, stream.getsockname()[1]), stream, datagram)


def _bound(info: AddressInfo) -> tuple[socket.socket, socket.socket]:
    family, _, _, _, address = info
    stream = socket.socket(family, socket.SOCK_STREAM)
    datagram = socket.socket(family, socket.SOCK_DGRAM)
    try:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stream.bind(address)
        datagram.bind((address[0], stream.getsockname()[1], *address[2:]))
    except OSError:
        stream.close()
        datagram.close()
        raise
    return stream, datagram
