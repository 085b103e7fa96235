"""Connections by TCP: who may come, and those that we make ourselves."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable

from dialplans.process.background import Tasks
from sip.bridge.transport.flow import Address, Flow
from sip.bridge.transport.guard import Connected, Guard
from sip.bridge.transport.patience import PATIENCE, Patience
from sip.bridge.transport.peers import Standing
from sip.bridge.transport.socket_filter import detach
from sip.bridge.transport.tcp_connection import KERNEL_BYTES, Connection, Deliver

ACCEPT_AT_ONCE = 8
CONNECT_SECONDS = 4.0
"""Until something can be sent on a connection of ours."""

AT_ONCE_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: a connection that is refused leaves nothing behind in the kernel."""

TurnedAway = Callable[[str], None]


class Connections:
    """Those that came to us and those that we made. `turned_away` is told of hosts that were not
    let in. `TlsConnections` are the same by TLS."""

    def __init__(
        self,
        guard: Guard,
        deliver: Deliver,
        turned_away: TurnedAway,
        *,
        patience: Patience = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.guard = guard
        self.clock = clock
        self.deliver = deliver
        self.turned_away = turned_away
        self.patience = patience
        self.open: set[Connection] = set()
        self._tasks = Tasks()
        self._listening: socket.socket | None = None

    def listen(self, bound: socket.socket) -> None:
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            bound.setsockopt(socket.SOL_SOCKET, option, KERNEL_BYTES)
        bound.setblocking(False)
        bound.listen(64)
        self._listening = bound
        asyncio.get_running_loop().add_reader(bound.fileno(), self._acceptable, bound)

    async def aclose(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            asyncio.get_running_loop().remove_reader(listening.fileno())
            listening.close()
        for connection in tuple(self.open):
            connection.close()
        await self._tasks.aclose()

    async def connect(self, peer: Address, name: str = "") -> Flow:
        """Of our own; raises OSError or TimeoutError. `name` is for TLS."""
        connection = self._new(peer, None, name)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().create_connection(lambda: connection, *peer)
                await connection.usable
        except BaseException:
            connection.close()
            raise
        return connection.flow

    def _new(self, peer: Address, place: Connected | None, name: str = "") -> Connection:
        return Connection(self, peer, place)

    def _may_come(self, host: str) -> bool:
        return self.guard.peers.standing(host) is not Standing.SHUT_OUT

    def _acceptable(self, bound: socket.socket) -> None:
        for _ in range(ACCEPT_AT_ONCE):
            try:
                accepted, address = bound.accept()
            except OSError:
                return
            self._admit(accepted, (address[0], address[1]))

    def _admit(self, accepted: socket.socket, peer: Address) -> None:
        place = self.guard.connect(peer[0]) if self._may_come(peer[0]) else None
        if place is None:
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE_RESET)
            accepted.close()
            self.turned_away(peer[0])
            return
        accepted.setblocking(False)
        detach(accepted)
        self._tasks.spawn(self._take(accepted, self._new(peer, place)))

    async def _take(self, accepted: socket.socket, connection: Connection) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: connection, accepted)
        except BaseException:
            accepted.close()
            connection.connection_lost(None)
            raise
