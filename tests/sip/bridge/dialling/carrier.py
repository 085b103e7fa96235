"""The other end of our calls, by hand: it keeps what arrives and sends what a test writes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from typing import cast

from aiosipua.message import SipMessage, SipRequest, SipResponse

Address = tuple[str, int]


class Carrier(asyncio.DatagramProtocol):
    """`reacts` is called with each request, if a test wants it to answer by itself."""

    def __init__(self) -> None:
        self.requests: list[SipRequest] = []
        self.responses: list[SipResponse] = []
        self.reacts: Callable[[SipRequest], None] = lambda request: None
        self.address: Address = ("", 0)
        self._transport: asyncio.DatagramTransport | None = None
        self._from: Address = ("", 0)
        self._arrived = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.address = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: Address) -> None:
        message = SipMessage.parse(data)
        self._from = addr
        if isinstance(message, SipRequest):
            self.requests.append(message)
            self.reacts(message)
        else:
            self.responses.append(message)
        self._arrived.set()

    def methods(self) -> list[str]:
        return [request.method for request in self.requests]

    def all(self, method: str) -> list[SipRequest]:
        return [request for request in self.requests if request.method == method]

    async def got(self, method: str, count: int = 1, *, within: float = 5.0) -> SipRequest:
        """The last of so many requests of this method."""
        async with asyncio.timeout(within):
            while len(self.all(method)) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return self.all(method)[count - 1]

    def answer(
        self,
        request: SipRequest,
        code: int,
        words: str = "Whatever",
        *,
        tag: str = "",
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> None:
        made = SipResponse(status_code=code, reason_phrase=words)
        for value in request.headers.get("via"):
            made.headers.append("Via", value)
        for name in ("From", "To", "Call-ID", "CSeq"):
            made.headers.set_single(name, request.get_header(name) or "")
        if tag:
            made.headers.set_single("To", f"{request.get_header('to')};tag={tag}")
        if 100 < code < 300:
            host, port = self.address
            made.headers.append("Contact", f"<sip:{tag or 'us'}@{host}:{port}>")
        for name, value in headers:
            made.headers.append(name, value)
        if body:
            made.headers.set_single("Content-Type", "application/sdp")
            made.body = body
        self.send(bytes(made))

    def send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(data, self._from)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@contextlib.asynccontextmanager
async def carrier(host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Carrier]:
    loop = asyncio.get_running_loop()
    _, made = await loop.create_datagram_endpoint(Carrier, local_addr=(host, port))
    try:
        yield made
    finally:
        made.close()
        await asyncio.sleep(0)


def answers(
    carrier: Carrier, code: int, words: str = "Whatever", **more: object
) -> Callable[[SipRequest], None]:
    """For `reacts`: every INVITE gets this."""

    def react(request: SipRequest) -> None:
        if request.method == "INVITE":
            carrier.answer(request, code, words, **more)  # type: ignore[arg-type]
        elif request.method != "ACK":
            carrier.answer(request, 200)

    return react
