"""Connections by TLS: the same rates and deadlines as by TCP, counted in bytes of the wire.

A handshake costs a thousand times what it costs its sender, so strangers have few of them, and who
is on no trunk has none. It has to be done, and the first message there, in the time that a first
message has by TCP.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from sip.bridge.transport.flow import Address, Flow
from sip.bridge.transport.guard import Connected
from sip.bridge.transport.tcp import Connections
from sip.bridge.transport.tcp_connection import Connection
from sip.bridge.transport.tls import Certificates, Session, TlsError

log = structlog.get_logger()

PING_SECONDS = 100.0
PING = b"\r\n\r\n"
"""RFC 5626 §3.5.1. On a connection that we made, which may be the only way back to us."""


class TlsConnections(Connections):
    def __init__(self, certificates: Certificates, *of: Any, **more: Any) -> None:
        super().__init__(*of, **more)
        self._certificates = certificates
        self._connecting: dict[tuple[Address, str], asyncio.Lock] = {}

    async def connect(self, peer: Address, name: str = "") -> Flow:
        """To who can prove to be `name`, a host or an address; one that is there is used again."""
        where = peer, name
        lock = self._connecting.setdefault(where, asyncio.Lock())
        try:
            async with lock:  # who comes meanwhile uses what is just being made
                for known in self.open:
                    if isinstance(known, TlsConnection) and known.leads_to(*where):
                        return known.flow
                return await super().connect(peer, name)
        finally:
            if not lock.locked():
                self._connecting.pop(where, None)

    def _new(self, peer: Address, place: Connected | None, name: str = "") -> Connection:
        called = place is None
        session = self._certificates.call(name) if called else self._certificates.accept()
        return TlsConnection(self, peer, place, session=session, name=name)

    def _may_come(self, host: str) -> bool:
        return super()._may_come(host) and self.guard.handshake(host, self.clock())


class TlsConnection(Connection):
    secure = True

    def __init__(self, *of: Any, session: Session, name: str) -> None:
        super().__init__(*of)
        self._session = session
        self._name = name
        self._ping: asyncio.TimerHandle | None = None

    def leads_to(self, peer: Address, name: str) -> bool:
        """Whether we made it to there, and it is there still."""
        open_ = self._transport is not None and not self._transport.is_closing()
        return open_ and self._is_ours and (self.peer, self._name) == (peer, name)

    def close(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._session.close()
            self._transport.write(self._session.pending())
        super().close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._ping is not None:
            self._ping.cancel()
        super().connection_lost(exc)

    def _opened(self, transport: asyncio.Transport) -> None:
        if self._is_ours:
            self.flow.port = transport.get_extra_info("sockname")[1]
            self._session.begin()
            transport.write(self._session.pending())

    def _wrapped(self, data: bytes) -> bytes:
        self._session.send(data)
        return self._session.pending()

    def _unwrapped(self, data: memoryview) -> bytes | memoryview | None:
        transport, session = self._transport, self._session
        assert transport is not None
        plain: bytes | None = None
        try:
            plain = session.receive(data)
        except TlsError as error:
            log.info("sip.tls_refused", source=self.peer[0], reason=str(error))
            self._not_usable(ConnectionAbortedError(str(error)))
        if not transport.is_closing():
            transport.write(session.pending())  # where it went wrong, this says so
        if plain is None:
            transport.close()
            return None
        if session.ready and not self.usable.done():
            self.usable.set_result(None)
            self._ping_later()
        return plain

    def _read_on(self) -> None:
        super()._read_on()
        transport = self._transport
        if self._session.ended and self._pause is None and transport is not None:
            transport.close()  # what was said before the goodbye is heard by now

    @property
    def _is_ours(self) -> bool:
        return self._place is None

    def _idle_seconds(self) -> float:
        return self._owner.patience.idle_tls if self._is_ours else super()._idle_seconds()

    def _ping_later(self) -> None:
        if self._is_ours:
            self._ping = self._loop.call_later(PING_SECONDS, self._send_ping)

    def _send_ping(self) -> None:
        self.send(PING, self.peer)
        self._ping_later()
