"""The asking side of one request (RFC 3261 §17.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling.timers import T1, T2, TIMEOUT
from sip.bridge.transport.flow import Address, Flow


class ClientTransaction:
    """Sends until answered. `next()` gives each response once and None when nobody answers."""

    def __init__(
        self, request: SipRequest, flow: Flow, to: Address | None, forget: Callable[[], None]
    ) -> None:
        self.request = request
        self.flow = flow
        self._to = to
        self._forget = forget
        self._raw = bytes(request)
        self._responses: asyncio.Queue[SipResponse | None] = asyncio.Queue()
        self._provisional = False
        self._done = False
        self.on_repeated_ok: Callable[[], None] = lambda: None
        self.on_late_ok: Callable[[SipResponse], None] | None = None
        """Set by a caller that has given up and reads no more."""
        loop = asyncio.get_running_loop()
        flow.send(self._raw, to)
        self._timer = loop.call_later(T1, self._again, T1, loop.time() + TIMEOUT)

    async def next(self) -> SipResponse | None:
        return await self._responses.get()

    async def final(self) -> SipResponse | None:
        while True:
            response = await self.next()
            if response is None or response.status_code >= 200:
                return response

    def receive(self, response: SipResponse) -> None:
        code = response.status_code
        invite = self.request.method == "INVITE"
        if invite and code >= 300:
            self._acknowledge(response)
        if self._done:
            if invite and 200 <= code < 300:
                self.on_repeated_ok()
            return
        if code >= 200:
            self._finish()
        else:
            self._provisional = True
        if self.on_late_ok is not None and invite and 200 <= code < 300:
            self.on_late_ok(response)
        self._responses.put_nowait(response)

    def close(self) -> None:
        self._timer.cancel()
        self._forget()

    def _finish(self) -> None:
        self._done = True
        self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(TIMEOUT, self._forget)

    def _again(self, interval: float, end: float) -> None:
        invite = self.request.method == "INVITE"
        if invite and self._provisional:
            return  # from here on the caller's own patience counts
        loop = asyncio.get_running_loop()
        if loop.time() >= end:
            self._done = True
            self._forget()
            self._responses.put_nowait(None)
            return
        if not self.flow.reliable:
            self.flow.send(self._raw, self._to)
        interval = 2 * interval if invite else min(2 * interval, T2)
        self._timer = loop.call_later(interval, self._again, interval, end)

    def _acknowledge(self, response: SipResponse) -> None:
        """The ACK to a refusal belongs to the INVITE's transaction (RFC 3261 §17.1.1.3)."""
        ack = derived(self.request, "ACK")
        ack.headers.set_single("To", response.get_header("to") or "")
        self.flow.send(bytes(ack), self._to)


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
