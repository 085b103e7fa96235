"""Two telephones that are, or will be, in a call with each other over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiosipua.message import SipRequest

from sip.bridge.signalling.client_transaction import ClientTransaction
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import Headers, Request, new_tag
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.transport.flow import Flow
from tests.sip.bridge.caller import phones

SOON = 0.05


@dataclass(eq=False)
class Pair:
    """`far` is called by `near`."""

    near: Endpoint
    far: Endpoint
    tcp: bool = False
    calls: list[ServerTransaction] = field(default_factory=list)

    async def flow(self) -> Flow:
        address = self.far.transport.address
        transport = self.near.transport
        return await transport.connect(address) if self.tcp else transport.udp_flow(address)

    def request(self, flow: Flow, method: str = "INVITE", headers: Headers = ()) -> SipRequest:
        host, port = self.far.transport.address
        made = SipRequest(method=method, uri=f"sip:far@{host}:{port}")
        made.headers.append("Via", self.near.via(flow))
        for name, value in (
            ("Max-Forwards", "70"),
            ("From", f"<sip:near@x>;tag={new_tag()}"),
            ("To", "<sip:far@x>"),
            ("Call-ID", new_tag()),
            ("CSeq", f"1 {method}"),
            ("Contact", self.near.contact(flow)),
            *headers,
        ):
            made.headers.set_single(name, value)
        return made

    async def invite(self, headers: Headers = ()) -> tuple[ClientTransaction, ServerTransaction]:
        """An INVITE that has arrived and is not answered."""
        flow = await self.flow()
        asked = self.near.send(self.request(flow, headers=headers), flow, flow.peer)
        before = len(self.calls)
        while len(self.calls) == before:
            await asyncio.sleep(0.01)
        return asked, self.calls[-1]

    async def call(
        self, headers: Headers = (), answer: Headers = (), *, acknowledged: bool = True
    ) -> tuple[Dialog, Dialog]:
        """Both sides of a call that is up, the caller's first."""
        asked, served = await self.invite(headers)
        theirs = Dialog.answering(self.far, served)
        contact = ("Contact", self.far.contact(served.flow))
        served.respond(200, headers=[contact, *answer])
        response = await asked.final()
        assert response is not None
        ours = Dialog.calling(self.near, asked, response)
        if acknowledged:
            ours.acknowledge()
            await asyncio.sleep(SOON)
        return ours, theirs


class Answers:
    """Gives these, one for each request, and then 200; keeps what was asked."""

    def __init__(self, *answers: tuple[int, Headers]) -> None:
        self.asked: list[Request] = []
        self._answers = list(answers)

    def __call__(self, transaction: ServerTransaction) -> None:
        self.asked.append(transaction.request)
        code, headers = self._answers.pop(0) if self._answers else (200, ())
        transaction.respond(code, headers=headers)

    @property
    def numbers(self) -> list[int]:
        return [request.cseq for request in self.asked]


@contextlib.asynccontextmanager
async def pair(*, tcp: bool = False) -> AsyncIterator[Pair]:
    async with phones() as near, phones() as far:
        made = Pair(near.endpoint, far.endpoint, tcp)
        far.endpoint.on_invite = made.calls.append
        yield made
