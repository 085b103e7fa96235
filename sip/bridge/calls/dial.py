"""Our own INVITE: sent, challenged, rung, and answered or given up."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiosipua.message import SipRequest, SipResponse

from sip.bridge.media.address import Address
from sip.bridge.sdp.session import CONTENT_TYPE
from sip.bridge.signalling.addresses import name_addr
from sip.bridge.signalling.client_transaction import ClientTransaction
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.digest import Login, answer
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import Headers, is_number, new_tag
from sip.bridge.signalling.session_timer import WANTED
from sip.bridge.signalling.status import ALLOW, SUPPORTED
from sip.bridge.transport.flow import Flow

MOST_TRIES = 4
"""The first INVITE, one with a login, one with a longer session interval, and one to spare."""


class NotAnsweredError(Exception):
    """`code` is the SIP status; 408 if nobody answered at all, 487 if we gave up."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code
        self.words = words


@dataclass(frozen=True)
class Destination:
    """Whom to call as whom. `uri` is the request's, `address` where it is sent."""

    uri: str
    address: Address
    frm: str
    tcp: bool = False
    login: Login | None = None
    headers: Headers = ()
    flow: Flow | None = None
    """The connection that it has to go over, where there is one."""
    routes: tuple[str, ...] = ()
    """Through which the INVITE goes before `uri`, first one first (RFC 3261 §8.1.2)."""


@dataclass
class Dialler:
    endpoint: Endpoint
    to: Destination
    offer: bytes
    on_ringing: Callable[[], None]
    call_id: str = field(default_factory=lambda: new_tag() + new_tag())
    _session: int = WANTED

    async def dial(self, tag: str, patience: float) -> tuple[Dialog, SipResponse]:
        """Raises NotAnsweredError. Cancelling this task cancels the call at the other side."""
        to = self.to
        flow = await self._flow()
        proof: tuple[str, str] | None = None
        for cseq in range(1, MOST_TRIES + 1):
            request = self._request(flow, cseq, tag, proof)
            transaction = self.endpoint.send(request, flow, flow.peer)
            response = await self._wait(transaction, patience)
            code = response.status_code
            if 200 <= code < 300:
                dialog = Dialog.calling(self.endpoint, transaction, response, login=to.login)
                dialog.acknowledge()
                return dialog, response
            if code in (401, 407) and to.login is not None and proof is None:
                proof = answer(to.login, response, "INVITE", to.uri)
                if proof is not None:
                    continue
            if code == 422 and self._longer_session(response):
                continue
            raise NotAnsweredError(code, response.reason_phrase)
        raise NotAnsweredError(500, "asked too often")

    async def _flow(self) -> Flow:
        """A name is looked up here: inside sendto it would stop every call's sound."""
        if self.to.flow is not None:
            return self.to.flow
        transport = self.endpoint.transport
        loop = asyncio.get_running_loop()
        host, port = self.to.address
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
            address = (str(found[0][4][0]), port)
            return await transport.connect(address) if self.to.tcp else transport.udp_flow(address)
        except (OSError, TimeoutError) as error:
            raise NotAnsweredError(503, f"no connection to {host}: {error}") from error

    def _longer_session(self, response: SipResponse) -> bool:
        least = (response.get_header("min-se") or "").partition(";")[0].strip()
        if not (is_number(least) and int(least) > self._session):
            return False
        self._session = int(least)
        return True

    def _request(
        self, flow: Flow, cseq: int, tag: str, proof: tuple[str, str] | None
    ) -> SipRequest:
        made = SipRequest(method="INVITE", uri=self.to.uri)
        made.headers.append("Via", self.endpoint.via(flow))
        for route in self.to.routes:
            made.headers.append("Route", route)
        for name, value in (
            ("Max-Forwards", "70"),
            ("From", f"{self.to.frm};tag={tag}"),
            ("To", name_addr(self.to.uri)),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} INVITE"),
            ("Contact", self.endpoint.contact(flow)),
            ("Allow", ALLOW),
            ("Supported", SUPPORTED),
            ("Session-Expires", str(self._session)),
            ("User-Agent", self.endpoint.agent),
            ("Content-Type", CONTENT_TYPE),
            *self.to.headers,
            *([proof] if proof is not None else []),
        ):
            made.headers.set_single(name, value)
        made.body = self.offer
        return made

    async def _wait(self, transaction: ClientTransaction, patience: float) -> SipResponse:
        try:
            async with asyncio.timeout(patience):
                return await self._final(transaction.next)
        except TimeoutError:
            self._give_up(transaction)
            raise NotAnsweredError(408, "nobody answered in time") from None
        except asyncio.CancelledError:
            self._give_up(transaction)
            raise

    async def _final(self, following: Callable[[], Awaitable[SipResponse | None]]) -> SipResponse:
        while True:
            response = await following()
            if response is None:
                raise NotAnsweredError(408, "no answer at all")
            if response.status_code >= 200:
                return response
            if response.status_code >= 180:
                self.on_ringing()

    def _give_up(self, transaction: ClientTransaction) -> None:
        """CANCEL; should a 200 have crossed it, that call is ended at once (RFC 3261 §15)."""
        self.endpoint.cancel(transaction)

        def end_late_answer(response: SipResponse) -> None:
            dialog = Dialog.calling(self.endpoint, transaction, response)
            dialog.acknowledge()
            dialog.close()
            dialog.ask("BYE")

        transaction.on_late_ok = end_late_answer
