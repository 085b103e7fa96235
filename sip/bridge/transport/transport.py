"""UDP and TCP on one address, TLS on another, and who is turned away before being read."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from sip.bridge.transport.blocklist import Blocklist
from sip.bridge.transport.flow import Address, Flow, Tap, Unproved
from sip.bridge.transport.guard import Guard
from sip.bridge.transport.patience import PATIENCE, Patience
from sip.bridge.transport.peers import Standing
from sip.bridge.transport.socket_filter import attach, detach, dropped, program
from sip.bridge.transport.sockets import Sockets, bind
from sip.bridge.transport.tcp import Connections
from sip.bridge.transport.tcp_connection import Deliver
from sip.bridge.transport.tls import Certificates
from sip.bridge.transport.tls_connections import TlsConnections
from sip.bridge.transport.udp import Datagrams

log = structlog.get_logger()

SAY_EVERY = 10.0
EVERYBODY = ipaddress.ip_network("0.0.0.0/0")
UNNAMED = "no trunk names this address; `allow` in the dialplan lets it in"
TOO_MUCH = "it sends more, or connects more often, than it may"


class _Nowhere:
    """What is sent by a connection that is gone."""

    def send(self, data: bytes, to: Address) -> None: ...


_NOWHERE = _Nowhere()


@dataclass
class Counters:
    received: int = 0
    malformed: int = 0
    failed: int = 0
    """Those that our own code stumbled over; each is a mistake of ours, and in the log."""
    flooded: int = 0
    """Over the rate of an address, or of all."""
    shut_out: int = 0
    """From addresses that no trunk names, where all trunks name some."""


class Transport:
    """`deliver` gets each message that may be read; keep-alives are dealt with here."""

    def __init__(
        self,
        address: Address,
        deliver: Deliver,
        guard: Guard,
        *,
        certificates: Certificates | None = None,
        patience: Patience = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = address
        self.tls_address = certificates.files.address if certificates is not None else None
        """Where TLS is listened for; None where it is not."""
        self.counters = Counters()
        self.tap: Tap | None = None
        """Told of every message that is read or sent."""
        self._deliver = deliver
        self._guard = guard
        self._clock = clock
        self._blocklist = Blocklist()
        self._connections = Connections(
            guard, self._counted, self._turned_away, patience=patience, clock=clock
        )
        self._tls: TlsConnections | None = None
        if certificates is not None:
            self._tls = TlsConnections(
                certificates,
                guard,
                self._counted,
                self._turned_away,
                patience=patience,
                clock=clock,
            )
        self._datagrams: Datagrams | None = None
        self._sockets: tuple[socket.socket, ...] = ()
        self._filtered = False
        self._later: asyncio.TimerHandle | None = None
        self._said = float("-inf")
        self._since = 0

    async def start(self, sockets: Sockets | None = None) -> None:
        """On sockets that are bound already, or that it binds itself: raises OSError, which names
        the address, when it is taken."""
        if sockets is None:
            sockets = await asyncio.to_thread(bind, self.address, self.tls_address)
        self._connections.listen(sockets.stream)
        self._datagrams = Datagrams(sockets.datagram, self._received)
        self._sockets = sockets.all
        for one in self._sockets:
            detach(one)  # an earlier process may have left one
        self.address = sockets.address
        if self._tls is not None and sockets.tls is not None:
            self._tls.listen(sockets.tls)
            self.tls_address = sockets.tls_address
        self._guard.peers.on_change = self._peers_changed

    async def aclose(self) -> None:
        self._guard.peers.on_change = lambda: None
        if self._later is not None:
            self._later.cancel()
        self._sockets = ()
        if self._datagrams is not None:
            self._datagrams.close()
        await self._connections.aclose()
        if self._tls is not None:
            await self._tls.aclose()

    @property
    def connections(self) -> int:
        by_tls = len(self._tls.open) if self._tls is not None else 0
        return len(self._connections.open) + by_tls

    @property
    def dropped(self) -> int:
        """Datagrams that the kernel did not give us: we asked it to drop them, or were too slow."""
        return dropped(self._datagrams.socket) if self._datagrams is not None else 0

    def udp_flow(self, peer: Address) -> Flow:
        assert self._datagrams is not None
        return self._tapped(Flow(peer, self._datagrams))

    def flow_to(self, transport: str, peer: Address) -> Flow:
        """Of an earlier process: a connection that it had is gone."""
        if transport == "UDP":
            return self.udp_flow(peer)
        gone = Flow(peer, _NOWHERE, reliable=True)
        gone.closed = True
        return gone

    async def connect(self, peer: Address) -> Flow:
        """A new TCP connection; raises OSError or TimeoutError."""
        return self._tapped(await self._connections.connect(peer))

    def _tapped(self, flow: Flow) -> Flow:
        if self.tap is not None:
            flow.tap = self.tap
        return flow

    async def connect_tls(self, peer: Address, name: str) -> Flow:
        """A TLS connection to who can prove to be `name`, a host or an address; one that is there
        is used again. Raises OSError or TimeoutError."""
        if self._tls is None:
            raise ConnectionAbortedError("nothing is set up for TLS here")
        return await self._tls.connect(peer, name)

    async def connect_again(self, gone: Flow, peer: Address, name: str) -> Flow:
        """By what the connection that is gone went by. Raises OSError or TimeoutError."""
        return await (self.connect_tls(peer, name) if gone.secure else self.connect(peer))

    def _received(self, data: memoryview, peer: Address) -> None:
        host = peer[0]
        standing = self._guard.peers.standing(host)
        if standing is Standing.SHUT_OUT or not self._guard.datagram(
            host, len(data), self._clock()
        ):
            self._turned_away(host)
            return
        message = bytes(data)
        if len(message) > 4 and message.strip(b"\r\n\0 "):  # else a keep-alive
            flow = self.udp_flow(peer)
            if not standing.known:
                flow.unproved = Unproved(len(data), partial(self._is_known, host))
            self._counted(message, flow)

    def _is_known(self, host: str) -> bool:
        return self._guard.peers.standing(host).known

    def _counted(self, message: bytes, flow: Flow) -> bool:
        self.counters.received += 1
        if self.tap is not None:
            self.tap(message, self._tapped(flow), flow.peer, False)
        return self._deliver(message, flow)

    def _turned_away(self, host: str) -> None:
        standing, now = self._guard.peers.standing(host), self._clock()
        if standing is Standing.SHUT_OUT:
            self.counters.shut_out += 1
        else:
            self.counters.flooded += 1
        self._since += 1
        if now - self._said > SAY_EVERY:
            hint = UNNAMED if standing is Standing.SHUT_OUT else TOO_MUCH
            log.info("sip.turned_away", source=host, count=self._since, hint=hint)
            self._said, self._since = now, 0
        if self._blocklist.turned_away(host, now, peer=standing.known):
            self._filter()

    def _peers_changed(self) -> None:
        """A filter that lets only peers through has to know a new one before it answers."""
        if self._filtered:
            self._filter()

    def _filter(self) -> None:
        """Have the kernel drop those who are shut out, until the first of them no longer is."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        now = self._clock()
        shut = self._blocklist.shut(now)
        peers = self._guard.peers.networks()
        ours = [one for one in self._sockets if one.family == socket.AF_INET]
        if not ours:
            return
        self._filtered = bool(shut)
        if not shut:
            for one in ours:
                detach(one)
            return
        # Where everybody counts as a peer there are no strangers to be shut out altogether.
        instructions = program(shut, peers if peers is not None else [EVERYBODY])
        for one in ours:
            attach(one, instructions)
        again = self._blocklist.next_change(now)
        self._later = asyncio.get_running_loop().call_later(again, self._filter)
