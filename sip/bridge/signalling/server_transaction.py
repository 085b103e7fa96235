"""The answering side of one request (RFC 3261 §17.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiosipua.message import SipResponse

from sip.bridge.signalling.amplification import fitted
from sip.bridge.signalling.message import (
    Headers,
    Request,
    new_tag,
    reply_port,
    response,
    sent_by_port,
)
from sip.bridge.signalling.status import reason as words
from sip.bridge.signalling.timers import T1, T2, T4, TIMEOUT
from sip.bridge.transport.flow import Address, Flow


def _nothing() -> None:
    pass


class ServerTransaction:
    """Answers once, says it again to every retransmission, and for an INVITE until the ACK."""

    def __init__(
        self,
        request: Request,
        flow: Flow,
        forget: Callable[[], None],
        connect: Callable[[Address], Awaitable[Flow]],
    ) -> None:
        self.request = request
        self.flow = flow
        self.to_tag = new_tag()
        self.final = 0
        self.on_final: Callable[[], None] = _nothing
        """The final answer has gone out."""
        self.on_cancel: Callable[[], None] = _nothing
        self.on_ack: Callable[[Request], None] = lambda ack: None
        """Of a 2xx; that of a refusal ends the transaction and means nothing else."""
        self.on_no_ack: Callable[[], None] = _nothing
        self.settled = asyncio.Event()
        """The final answer was acknowledged, or is not waited for any more."""
        self._forget = forget
        self._connect = connect
        self._connecting: asyncio.Task[None] | None = None
        self._last: bytes | None = None
        self._acked = False
        self._timer: asyncio.TimerHandle | None = None
        self._since = asyncio.get_running_loop().time()

    @property
    def accepted(self) -> bool:
        return 200 <= self.final < 300

    def respond(
        self, code: int, reason: str = "", *, headers: Headers = (), body: bytes = b""
    ) -> None:
        """Later answers than the final one are ignored. A stranger, who may be somebody else's
        address, is told the final one alone."""
        if self.final or (code == 100 and self.flow.strange):
            return
        made = response(self.request.raw, code, reason or words(code), to_tag=self.to_tag)
        if code == 100:
            self._date(made)
        for name, value in headers:
            made.headers.append(name, value)
        made.body = body
        self._last = fitted(made, self.flow)
        self.final = code if code >= 200 else 0
        self.repeat()
        if not self.final:
            return
        loop = asyncio.get_running_loop()
        if self.request.method != "INVITE":
            self.settled.set()
            self._timer = loop.call_later(0 if self.flow.reliable else TIMEOUT, self.close)
        else:
            self._timer = loop.call_later(T1, self._again, T1, loop.time() + TIMEOUT)
        self.on_final()

    def came_again(self, flow: Flow) -> None:
        """A retransmission, by `flow`."""
        self.flow.came_again(flow)
        self.repeat()

    def repeat(self) -> None:
        if self._last is None:
            return
        peer = self.flow.peer
        if not self.flow.closed:
            self.flow.send(self._last, (peer[0], reply_port(self.request.via, peer)))
        elif self.final and self._connecting is None:
            self._connecting = asyncio.create_task(self._reconnect())

    async def _reconnect(self) -> None:
        """Answers to what came by a connection that is gone go to where its Via says that somebody
        listens, at the host it came from (RFC 3261 §18.2.2)."""
        try:
            where = self.flow.peer[0], sent_by_port(self.request.via)
            self.flow = await self._connect(where)
        except (OSError, TimeoutError):
            return
        self.repeat()

    def acknowledge(self, ack: Request) -> None:
        """Only who has read our 2xx can name its tag: an ACK without it may be of somebody who sent
        the INVITE under another's address."""
        if self._acked or not self.final:
            return
        if self.accepted and ack.to.tag != self.to_tag:
            return
        self._acked = True
        self.settled.set()
        if self._timer is not None:
            self._timer.cancel()
        wait = 0 if self.flow.reliable else T4
        self._timer = asyncio.get_running_loop().call_later(wait, self.close)
        if self.accepted:
            self.on_ack(ack)

    def close(self) -> None:
        self.settled.set()
        for pending in (self._timer, self._connecting):
            if pending is not None:
                pending.cancel()
        self._forget()

    def _date(self, trying: SipResponse) -> None:
        """Whoever measures the way wants its own time back, and how long we took (RFC 3261
        §8.2.6.1)."""
        sent = self.request.header("timestamp")
        if sent:
            took = asyncio.get_running_loop().time() - self._since
            trying.headers.set_single("Timestamp", f"{sent.split()[0]} {took:.3f}")

    def _again(self, interval: float, end: float) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() >= end:
            self.close()
            if self.accepted:
                self.on_no_ack()
            return
        # A 2xx is repeated over TCP too: the ACK comes from the far end (RFC 3261 §13.3.1.4).
        # A stranger has to ask again: it may be somebody who has asked nothing (§8.2.7).
        if self.accepted or not (self.flow.reliable or self.flow.strange):
            self.repeat()
        interval = min(2 * interval, T2)
        self._timer = loop.call_later(interval, self._again, interval, end)
