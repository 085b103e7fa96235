"""The sockets that SIP comes by. Whoever binds them may be another process than the one that reads:
what arrives while nobody reads waits in them."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass, replace
from typing import Any

from sip.bridge.transport.flow import Address

AddressInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]

TRIES_FOR_A_FREE_PORT = 20
"""A port that the kernel has free for TCP may be somebody's for UDP."""


@dataclass(frozen=True)
class Sockets:
    """One port, for TCP and for UDP. `address` has it, and the host as it was asked for; `tls` is
    for TLS, where that is listened for."""

    address: Address
    stream: socket.socket
    datagram: socket.socket
    tls: socket.socket | None = None
    tls_address: Address | None = None

    @property
    def all(self) -> tuple[socket.socket, ...]:
        tls = () if self.tls is None else (self.tls,)
        return (self.stream, self.datagram, *tls)

    def close(self) -> None:
        for one in self.all:
            one.close()


def bind(address: Address, tls: Address | None = None) -> Sockets:
    """Port 0 takes one that is free for both; raises OSError, which names the address, when it is
    taken. May wait for a name to be looked up."""
    found = _bind(address)
    if tls is None:
        return found
    host, port = tls
    try:
        stream = _bound_stream(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0])
    except OSError as error:
        found.close()
        raise OSError(error.errno, f"{host}:{port}: {error.strerror}") from error
    return replace(found, tls=stream, tls_address=(host, stream.getsockname()[1]))


def _bind(address: Address) -> Sockets:
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
    stream = _bound_stream(info)
    datagram = socket.socket(family, socket.SOCK_DGRAM)
    try:
        datagram.bind((address[0], stream.getsockname()[1], *address[2:]))
    except OSError:
        stream.close()
        datagram.close()
        raise
    return stream, datagram


def _bound_stream(info: AddressInfo) -> socket.socket:
    family, _, _, _, address = info
    stream = socket.socket(family, socket.SOCK_STREAM)
    try:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stream.bind(address)
    except OSError:
        stream.close()
        raise
    return stream
