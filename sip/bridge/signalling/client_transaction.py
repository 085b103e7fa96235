"""The asking side of one request (RFC 3261 §17.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling.reading.spelling import wire
from sip.bridge.signalling.reading.values import read_address
from sip.bridge.signalling.timers import T1, T2, TIMEOUT
from sip.bridge.transport.flow import Address, Flow

PROOFS = ("Authorization", "Proxy-Authorization")


def _nothing() -> None:
    pass


class ClientTransaction:
    """Sends until answered. `next()` gives each response once and None when nobody answers."""

    def __init__(
        self, request: SipRequest, flow: Flow, to: Address | None, forget: Callable[[], None]
    ) -> None:
        self.request = request
        self.flow = flow
        self.to = to
        self.given_up = False
        """Nobody waits for the answer any more; one that comes all the same is a late one."""
        self.on_ok: Callable[[SipResponse], None] = lambda response: None
        """The first 2xx, at once: what its telephone asks next may be right behind it."""
        self.on_repeated_ok: Callable[[], None] = _nothing
        self.on_late_ok: Callable[[SipResponse], None] | None = None
        """Set by a caller that has given up and reads no more."""
        self.on_another_ok: Callable[[SipResponse], None] = lambda response: None
        """A 2xx with another To tag than the first: a second telephone has answered the same
        INVITE (RFC 3261 §13.2.2.4). It comes again until it is acknowledged."""
        self._forget = forget
        self._raw = wire(request)
        self._responses: asyncio.Queue[SipResponse | None] = asyncio.Queue()
        self._provisional = False
        self._done = False
        self._answered_by = ""
        self._cancel: Callable[[], None] | None = None
        loop = asyncio.get_running_loop()
        self._end = loop.time() + TIMEOUT
        flow.send(self._raw, to)
        self._timer = loop.call_later(T1, self._again, T1)

    @property
    def number(self) -> int:
        """Of its CSeq."""
        return int((self.request.get_header("cseq") or "1").split()[0])

    @property
    def proofs(self) -> list[tuple[str, str]]:
        """What the ACK of an INVITE has to carry as well (RFC 3261 §13.2.2.4)."""
        given = self.request.headers
        return [(name, value) for name in PROOFS for value in given.get(name)]

    @property
    def pending(self) -> bool:
        """There is no final answer yet."""
        return not self._done

    async def next(self) -> SipResponse | None:
        return await self._responses.get()

    async def final(self) -> SipResponse | None:
        while True:
            response = await self.next()
            if response is None or response.status_code >= 200:
                return response

    def unread(self) -> list[SipResponse]:
        """What has come and nobody has taken; it will not come again by `next()`."""
        waiting = [self._responses.get_nowait() for _ in range(self._responses.qsize())]
        return [response for response in waiting if response is not None]

    def receive(self, response: SipResponse) -> None:
        code = response.status_code
        invite = self.request.method == "INVITE"
        if invite and code >= 300:
            self._acknowledge(response)
        if self._done:
            if invite and 200 <= code < 300:
                self._ok_again(response)
            return
        if code >= 200:
            self._finish(response)
        else:
            self._heard_of()
        if invite and 200 <= code < 300:
            (self.on_late_ok or self.on_ok)(response)
        self._responses.put_nowait(response)

    def give_up(self, cancel: Callable[[], None]) -> None:
        """Take an INVITE back. `cancel` is called once something provisional has come, never
        before: a CANCEL that overtakes its INVITE cancels nothing (RFC 3261 §9.1). The INVITE is
        not sent again, and what is never answered is forgotten after 64·T1."""
        if self._done or self.given_up:
            return
        self.given_up = True
        if self._provisional:
            self._take_back(cancel)
        else:
            self._cancel = cancel

    def close(self) -> None:
        self._timer.cancel()
        self._forget()

    def _heard_of(self) -> None:
        self._provisional = True
        if self._cancel is not None:
            cancel, self._cancel = self._cancel, None
            self._take_back(cancel)

    def _take_back(self, cancel: Callable[[], None]) -> None:
        cancel()
        self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(TIMEOUT, self._nobody)

    def _ok_again(self, response: SipResponse) -> None:
        if _to_tag(response) == self._answered_by:
            self.on_repeated_ok()
        else:
            self.on_another_ok(response)

    def _finish(self, response: SipResponse) -> None:
        self._done = True
        self._answered_by = _to_tag(response)
        self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(TIMEOUT, self._forget)

    def _nobody(self) -> None:
        self._done = True
        self._forget()
        self._responses.put_nowait(None)

    def _again(self, interval: float) -> None:
        invite = self.request.method == "INVITE"
        if invite and self._provisional:
            return  # from here on the caller's own patience counts
        loop = asyncio.get_running_loop()
        lost = self.flow.reliable and self.flow.closed  # RFC 3261 §17.1.4: tell who asked
        if lost or loop.time() >= self._end:
            self._nobody()
            return
        if not self.flow.reliable and not self.given_up:
            self.flow.send(self._raw, self.to)
        slow = self._provisional and not invite  # RFC 3261 §17.1.2.2: Timer E becomes T2
        interval = 2 * interval if invite else T2 if slow else min(2 * interval, T2)
        self._timer = loop.call_later(interval, self._again, interval)

    def _acknowledge(self, response: SipResponse) -> None:
        """The ACK to a refusal belongs to the INVITE's transaction (RFC 3261 §17.1.1.3)."""
        ack = derived(self.request, "ACK")
        ack.headers.set_single("To", response.get_header("to") or "")
        self.flow.send(wire(ack), self.to)


def _to_tag(response: SipResponse) -> str:
    return read_address(response.get_header("to") or "").tag or ""


def derived(invite: SipRequest, method: str) -> SipRequest:
    """An ACK or CANCEL of an INVITE: same Via, route and numbers."""
    made = SipRequest(method=method, uri=invite.uri)
    made.headers.append("Via", invite.headers.get("via")[0])
    for name in ("Max-Forwards", "From", "To", "Call-ID"):
        made.headers.set_single(name, invite.get_header(name) or "")
    number = (invite.get_header("cseq") or "").split()[0]
    made.headers.set_single("CSeq", f"{number} {method}")
    for value in invite.headers.get("route"):
        made.headers.append("Route", value)
    return made
