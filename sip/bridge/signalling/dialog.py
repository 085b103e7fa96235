"""A call between two user agents, from the first ringing on (RFC 3261 §12)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling.client_transaction import ClientTransaction
from sip.bridge.signalling.dialogs.again import Again
from sip.bridge.signalling.dialogs.connection import Way, ignored
from sip.bridge.signalling.dialogs.ends import Ends, Handlers
from sip.bridge.signalling.dialogs.final_answer import final_answer
from sip.bridge.signalling.dialogs.glare import crosses
from sip.bridge.signalling.dialogs.kept import DialogState
from sip.bridge.signalling.dialogs.known import DialogKey
from sip.bridge.signalling.dialogs.request import within
from sip.bridge.signalling.dialogs.route import Route, literal
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import Headers, Request, option_tags
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.timers import TIMEOUT
from sip.bridge.transport.flow import Address, Flow

RENEW_TARGET = ("INVITE", "UPDATE")


RESUMED_AHEAD = 10
"""Requests that may have been sent since the state was kept; a gap in the numbers is no error."""


@dataclass(eq=False)
class Dialog:
    endpoint: Endpoint
    way: Way
    ends: Ends
    route: Route
    cseq: int
    remote_cseq: int = -1
    login: Login | None = None
    """For whoever wants one for what we ask within the call."""
    find_login: Callable[[], Awaitable[Login | None]] | None = None
    """Asked for one when somebody does."""
    called_by_us: bool = False
    handlers: Handlers = field(default_factory=Handlers)
    closed: bool = False
    on_change: Callable[[], None] = lambda: None
    """Something of `state` may be different."""
    peer_allows: frozenset[str] = frozenset()
    """Methods, in upper case, as far as the other side has said."""
    reasons: tuple[str, ...] = ()
    """`Reason` of their BYE (RFC 3326)."""
    offer_answered: bool = False
    """Our INVITE's offer has its answer, in ringing that was acknowledged: either side may make
    another before the call is answered (RFC 3311 §5.1)."""
    _invite: ServerTransaction | None = None
    _asked: ClientTransaction | None = None

    @classmethod
    def answering(cls, endpoint: Endpoint, transaction: ServerTransaction) -> Dialog:
        """Made before the first answer with our tag goes out."""
        request = transaction.request
        ends = Ends.of_called(request, transaction.to_tag)
        way, route = Way(endpoint.transport, transaction.flow), Route.of_called(request)
        dialog = cls(endpoint, way, ends, route, request.cseq, request.cseq)
        dialog._listen(transaction)
        dialog._note_allowed(request.raw)
        return dialog._open()

    @classmethod
    def calling(
        cls,
        endpoint: Endpoint,
        transaction: ClientTransaction,
        response: SipResponse,
        *,
        login: Login | None = None,
    ) -> Dialog:
        """Made from the 200 to our INVITE, or from a provisional answer that has a tag."""
        ends = Ends.of_caller(transaction.request, response)
        route = Route.of_caller(transaction.request, response)
        way = Way(endpoint.transport, transaction.flow)
        dialog = cls(endpoint, way, ends, route, transaction.number, login=login)
        dialog.called_by_us, dialog._asked = True, transaction
        dialog._note_allowed(response)
        return dialog._open()

    def confirm(self, response: SipResponse) -> None:
        """The 200 of who has rung. Its Record-Route counts now (RFC 3261 §13.2.2.4); numbers go on
        from those that were used while it rang."""
        assert self._asked is not None
        self.route = Route.of_caller(self._asked.request, response)
        self.offer_answered = False
        self._note_allowed(response)

    @classmethod
    def resumed(cls, endpoint: Endpoint, state: DialogState) -> Dialog:
        """Of an earlier process; one that went by a connection asks by a new one."""
        way = Way(endpoint.transport, endpoint.transport.flow_to(state.transport, state.peer))
        way.hosts |= state.hosts
        cseq = state.cseq + RESUMED_AHEAD
        dialog = cls(endpoint, way, state.ends, state.route, cseq, state.remote_cseq)
        dialog.called_by_us, dialog.peer_allows = state.called_by_us, state.peer_allows
        return dialog._open()

    @property
    def state(self) -> DialogState:
        return DialogState(
            self.ends,
            self.route,
            self.cseq,
            self.remote_cseq,
            self.called_by_us,
            self.peer_allows,
            self.flow.name,
            self.flow.peer,
            self.hosts,
        )

    @property
    def key(self) -> DialogKey:
        return (self.ends.call_id, self.ends.local_tag, self.ends.remote_tag)

    @property
    def flow(self) -> Flow:
        return self.way.flow

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset(self.way.hosts)

    @property
    def early(self) -> bool:
        """Their INVITE is not answered yet."""
        return self._invite is not None and not self._invite.final

    def close(self) -> None:
        self.closed = True
        self.endpoint.remove_dialog(self)
        self.way.on_host = ignored

    def request(
        self, method: str, *, headers: Headers = (), body: bytes = b"", number: int = 0
    ) -> SipRequest:
        """A new request of this dialog; an ACK takes the `number` of its INVITE."""
        if not number:
            self.cseq += 1
        cseq = f"{number or self.cseq} {method}"
        own = (("Contact", self.endpoint.contact(self.flow)), ("User-Agent", self.endpoint.agent))
        via = self.endpoint.via(self.flow)
        made = within(self.ends, self.route, via, cseq, (*own, *headers))
        made.body = body
        return made

    def ask(self, method: str, *, headers: Headers = (), body: bytes = b"") -> ClientTransaction:
        """Send a request once; `send` is for whoever wants it carried through."""
        request = self.request(method, headers=headers, body=body)
        transaction = self.endpoint.send(request, self.flow, self._next_hop())
        self.on_change()
        if method == "INVITE":
            self._asked = transaction
        return transaction

    async def send(
        self, method: str, *, headers: Headers = (), body: bytes = b"", patience: float = TIMEOUT
    ) -> SipResponse | None:
        """Send a request and carry it through: challenged, refused for now, or over a connection
        that is gone, it is sent again. An INVITE that is accepted is acknowledged.

        Returns the final answer; None if none came within `patience` seconds.
        """
        again = Again(self.login, owner=self.called_by_us)
        headers, reconnected = tuple(headers), False
        while True:
            if not await self.way.open(self.route.next_hop):
                return None
            asked = self.ask(method, headers=(*headers, *again.proofs.items()), body=body)
            response = await self._final(asked, patience)
            if response is None:
                if not asked.flow.closed or reconnected:
                    return None
                reconnected = True
                continue
            if response.status_code in (401, 407) and again.login is None and self.find_login:
                again.login = self.login = await self.find_login()
            wait = again.after(asked.request, response)
            if wait is None:
                return response
            await asyncio.sleep(wait)
            if self.closed and method != "BYE":
                return response

    def acknowledge(self, body: bytes = b"") -> None:
        """The ACK to the 2xx of our last INVITE, a request of its own (RFC 3261 §13.2.2.4): sent
        now, and again as often as that 2xx comes again.

        `body` is our answer, where their 2xx carried the offer.
        """
        assert self._asked is not None
        self._acknowledge(self._asked, body)

    def _acknowledge(self, invite: ClientTransaction, body: bytes = b"") -> None:
        headers = invite.proofs
        if body:
            headers.append(("Content-Type", "application/sdp"))
        ack = bytes(self.request("ACK", headers=headers, body=body, number=invite.number))
        flow, to = self.flow, self._next_hop()
        invite.on_repeated_ok = lambda: flow.send(ack, to)
        flow.send(ack, to)

    async def bye(self, headers: Headers = ()) -> None:
        """End the call; not before our 2xx was acknowledged, or is given up (RFC 3261 §15)."""
        if self.closed:
            return
        self.closed = True
        if self._invite is not None and self._invite.accepted:
            await self._invite.settled.wait()
        self.close()
        await self.send("BYE", headers=headers)

    def receive(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if request.cseq <= self.remote_cseq:
            transaction.respond(500, "Server Internal Error (CSeq out of order)")
            return
        self.remote_cseq = request.cseq
        asyncio.get_running_loop().call_soon(self.on_change)
        self.way.came_by(transaction.flow)
        self._note_allowed(request.raw)
        match request.method:
            case "BYE":
                transaction.respond(200)
                self.reasons = tuple(request.headers("reason"))
                self.close()
                self.handlers.bye()
                if self._invite is not None:
                    self._invite.respond(487)  # where it is not answered (RFC 3261 §15.1.2)
            case "INVITE" | "UPDATE":
                self._offer(transaction)
            case method:
                self.handlers.other(method)(transaction)

    def acknowledged(self, ack: Request) -> None:
        """An ACK whose Via tells nothing belongs to the INVITE with its number."""
        if self._invite is not None and self._invite.request.cseq == ack.cseq:
            self._invite.acknowledge(ack)

    def _open(self) -> Dialog:
        hop = self._next_hop()
        if hop is not None:
            self.way.hosts.add(hop[0])
        self.endpoint.add_dialog(self)
        self.way.on_host = self.endpoint.peers.hold
        return self

    def _offer(self, transaction: ServerTransaction) -> None:
        update = transaction.request.method == "UPDATE"
        waits = self._asked is not None and self._asked.pending
        if crosses(transaction, self.early, waits and not (update and self.offer_answered)):
            return
        if not update:
            self._listen(transaction)
        transaction.on_final = partial(self._renewed, transaction)
        self.handlers.offer(transaction)

    def _renewed(self, offer: ServerTransaction) -> None:
        if offer.accepted:
            self.route = self.route.refreshed(offer.request.raw)

    def _listen(self, transaction: ServerTransaction) -> None:
        self._invite = transaction
        transaction.on_ack = self._acked
        transaction.on_no_ack = self._not_acked

    def _acked(self, ack: Request) -> None:
        self.handlers.ack(ack)

    def _not_acked(self) -> None:
        if not self.closed:
            self.handlers.unreachable()

    def _note_allowed(self, message: SipRequest | SipResponse) -> None:
        said = option_tags(message, "allow")
        if said:
            self.peer_allows = frozenset(method.upper() for method in said)

    async def _final(self, asked: ClientTransaction, patience: float) -> SipResponse | None:
        invite = asked.request.method == "INVITE"

        def give_up() -> None:
            if not invite:
                asked.close()
                return
            asked.on_late_ok = lambda late: self._acknowledge(asked)
            self.endpoint.cancel(asked)

        response = await final_answer(asked, patience, give_up)
        if response is not None and response.status_code < 300:
            if asked.request.method in RENEW_TARGET:
                self.route = self.route.refreshed(response)
            self._note_allowed(response)
            if invite and await self.way.open(self.route.next_hop):
                self._acknowledge(asked)
        return response

    def _next_hop(self) -> Address | None:
        """A literal address of the route or the target, else back where the call came from."""
        if self.flow.reliable:
            return None
        return literal(self.route.next_hop, self.flow.peer) or self.flow.peer
