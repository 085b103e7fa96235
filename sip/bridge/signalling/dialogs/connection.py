"""A way to the other side of a dialog when the connection it had is gone (RFC 3261 §18.1.1)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import structlog
from aiosipua.headers import SipUri

from sip.bridge.signalling.dialogs.route import SIPS_PORT, literal
from sip.bridge.signalling.message import SIP_PORT
from sip.bridge.transport.flow import Address, Flow
from sip.bridge.transport.transport import Transport

log = structlog.get_logger()


def ignored(host: str) -> None:
    """Nobody holds it any more."""


class Way:
    """The flow that requests go by, and `hosts`, where the other side was seen: all of them are
    heard for as long as the call is there."""

    def __init__(self, transport: Transport, flow: Flow) -> None:
        self.flow = flow
        self.hosts = {flow.peer[0]}
        self.on_host: Callable[[str], None] = ignored
        """Told of each further host."""
        self._transport = transport

    def came_by(self, flow: Flow) -> None:
        """A telephone that comes by a new connection, or through a NAT that gave it another port,
        is answered there from now on."""
        old = self.flow
        moved = not flow.reliable and flow.peer[0] == old.peer[0]
        if old.closed if old.reliable else moved:
            self._go_by(flow)

    async def open(self, hop: SipUri) -> bool:
        """Connect again to where the next request goes, if the connection is gone; False if that
        is not possible."""
        if not self.flow.closed:
            return True
        hop = replace(hop, port=hop.port or (SIPS_PORT if self.flow.secure else SIP_PORT))
        async for address in _addresses(hop, self.flow.peer):
            try:
                name = hop.host.strip("[]")
                self._go_by(await self._transport.connect_again(self.flow, address, name))
            except (OSError, TimeoutError) as error:
                log.info("sip.not_connected", to=address[0], error=str(error))
                continue
            log.info("sip.connected_again", to=address[0])
            return True
        return False

    def _go_by(self, flow: Flow) -> None:
        self.flow = flow
        host = flow.peer[0]
        if host not in self.hosts:
            self.hosts.add(host)
            self.on_host(host)


async def _addresses(hop: SipUri, peer: Address) -> AsyncIterator[Address]:
    """What the hop names, else the host that the connection was to."""
    named = literal(hop, peer)
    if named is not None:
        yield named
        return
    port = hop.port or SIP_PORT
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(hop.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    hosts = dict.fromkeys(str(one[4][0]) for one in found)
    for host in hosts:
        yield host, port
    if peer[0] not in hosts:
        yield peer[0], port
