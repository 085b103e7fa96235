"""One connection that may cost no more than its other end is trusted with.

What comes is read as fast as the guard allows and no faster: the rest waits in the kernel, and then
at the sender. A peer that begins and does not end, or asks and does not read, is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Protocol, cast

import structlog

from sip.bridge.transport.flow import Address, Flow
from sip.bridge.transport.framing import Framer, FramingError
from sip.bridge.transport.guard import Connected, Guard
from sip.bridge.transport.patience import Patience
from sip.bridge.transport.peers import Standing

log = structlog.get_logger()

READ_AT_ONCE = 8 * 1024
KERNEL_BYTES = 64 * 1024
"""What the kernel holds of a connection in each direction."""

GONE_SECONDS = 30.0
"""So long our bytes may stay without an acknowledgement on a connection that we made."""

UNREAD_BYTES = 128 * 1024
"""More than this that a peer has not fetched is not kept for it."""

Deliver = Callable[[bytes, Flow], bool]
"""False for what makes no sense: nothing that follows it on a connection will."""


class Owner(Protocol):
    """Who keeps the connections that are open."""

    guard: Guard
    clock: Callable[[], float]
    deliver: Deliver
    patience: Patience
    open: set[Connection]


class Connection(asyncio.BufferedProtocol):
    """One, with its deadlines. `place` is None for a connection that we made."""

    secure = False

    def __init__(self, owner: Owner, peer: Address, place: Connected | None) -> None:
        self.peer = peer
        self.flow = Flow(peer, self, reliable=True, secure=self.secure)
        self._owner = owner
        self._place = place
        self._loop = asyncio.get_running_loop()
        self.usable: asyncio.Future[None] = self._loop.create_future()
        """Done once something can be sent; with an OSError if that is never."""
        self._transport: asyncio.Transport | None = None
        self._framer = Framer()
        self._chunk = memoryview(bytearray(READ_AT_ONCE))
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._reading = True
        self._heard = False
        self._begun = False
        self._lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=KERNEL_BYTES // 4)
        self._owner.open.add(self)
        if self._place is None:
            _give_up_after(self._transport, GONE_SECONDS)
            self._owner.guard.peers.hold(self.peer[0])
            self._within(self._idle_seconds())
        else:
            self._within(self._owner.patience.first_message)
        self._opened(self._transport)

    def _opened(self, transport: asyncio.Transport) -> None:
        self.usable.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._lost:
            return
        self._lost = self.flow.closed = True
        self._lost = True
        self._not_usable(exc or ConnectionResetError("the connection was closed"))
        for timer in (self._deadline, self._unread, self._pause):
            if timer is not None:
                timer.cancel()
        self._owner.open.discard(self)
        if self._place is not None:
            self._place.give_back()
        elif self._transport is not None:
            self._owner.guard.peers.release(self.peer[0])
        self.flow.lost()

    def close(self) -> None:
        self.flow.closed = True
        if self._transport is not None:
            self._transport.close()

    def send(self, data: bytes, to: Address) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            self.flow.closed = True
            return
        transport.write(self._wrapped(data))
        if transport.get_write_buffer_size() > UNREAD_BYTES:
            self._drop("does not read")

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._chunk

    def buffer_updated(self, nbytes: int) -> None:
        if self._owner.guard.peers.standing(self.peer[0]) is Standing.SHUT_OUT:
            self._drop("is on no trunk any more")
            return
        plain = self._unwrapped(self._chunk[:nbytes])
        if plain is not None:
            self._framer.put(plain)
            self._work(nbytes)

    def _wrapped(self, data: bytes) -> bytes:
        return data

    def _unwrapped(self, data: memoryview) -> bytes | memoryview | None:
        """What of it is SIP; None if there will be no more."""
        return data

    def _not_usable(self, why: Exception) -> None:
        if not self.usable.done():
            self.usable.set_exception(why)
            self.usable.exception()  # nobody need wait for it

    def pause_writing(self) -> None:
        """Who does not read our answers is asked nothing, and is not waited for long."""
        self._unread = self._loop.call_later(
            self._owner.patience.reads, self._drop, "does not read"
        )
        self._read_on()

    def resume_writing(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        if self._pause is None:
            self._work()

    def _work(self, octets: int = 0) -> None:
        """One message a turn of the loop, and then as long a pause as the guard wants."""
        self._pause = None
        if self._unread is not None:
            return
        guard, host = self._owner.guard, self.peer[0]
        try:
            message = next(self._framer.messages(largest=guard.largest(host)), None)
        except FramingError as error:
            self._drop(str(error))
            return
        pings, self._framer.pings = self._framer.pings, 0
        if pings:
            self.send(b"\r\n", self.peer)  # one answer for all of them (RFC 5626 §3.5.1)
        heard = (message is not None) + (pings > 0)
        wait = guard.stream(host, octets, heard, self._owner.clock())
        self._heard = self._heard or message is not None or (pings > 0 and self._known)
        if message is not None and not self._owner.deliver(message, self.flow):
            self._drop("is no SIP")
            return
        self._renew_deadline(fresh=message is not None)
        more = message is not None and self._framer.unfinished
        if (more or wait) and not self._lost:
            self._pause = self._loop.call_later(wait, self._work)
        self._read_on()

    def _read_on(self) -> None:
        """Read unless something is in the way."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        wanted = self._pause is None and self._unread is None
        if wanted != self._reading:
            self._reading = wanted
            (transport.resume_reading if wanted else transport.pause_reading)()

    def _renew_deadline(self, *, fresh: bool) -> None:
        patience = self._owner.patience
        if self._framer.unfinished:
            if fresh or not self._begun:
                self._begun = True
                self._within(patience.message)
        elif self._heard or self._place is None:
            self._begun = False
            self._within(self._idle_seconds())

    def _idle_seconds(self) -> float:
        patience = self._owner.patience
        return patience.idle if self._known else patience.idle_stranger

    @property
    def _known(self) -> bool:
        return self._owner.guard.peers.standing(self.peer[0]).known

    def _within(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(seconds, self._drop, "took too long")

    def _drop(self, why: str) -> None:
        log.debug("sip.tcp_dropped", source=self.peer[0], reason=why)
        self.flow.closed = True
        self._not_usable(ConnectionAbortedError(why))
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.abort()


def _give_up_after(transport: asyncio.Transport, seconds: float) -> None:
    """A connection that we made has ended once nobody has acknowledged our bytes for so long, such
    as those of a keep-alive; without this the system goes on for a quarter of an hour."""
    bound = transport.get_extra_info("socket")
    if bound is not None:
        with contextlib.suppress(OSError):
            bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * seconds))
