"""A call between two user agents once it is answered (RFC 3261 §12)."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field

from aiosipua.headers import parse_address, parse_uri, stringify_uri
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.media.address import usable_address
from sip.bridge.signalling.client_transaction import ClientTransaction
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import Headers, Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import ALLOW
from sip.bridge.signalling.timers import TIMEOUT
from sip.bridge.transport.flow import Address, Flow


@dataclass
class Handlers:
    """What the call does on its dialog's events; each gets what it must answer or read."""

    bye: Callable[[], None] = lambda: None
    unreachable: Callable[[], None] = lambda: None
    offer: Callable[[ServerTransaction], None] = lambda transaction: transaction.respond(488)
    ack: Callable[[Request], None] = lambda ack: None
    notify: Callable[[Request], None] = lambda request: None
    info: Callable[[Request], None] = lambda request: None
    refer: Callable[[ServerTransaction], None] = lambda transaction: transaction.respond(603)


@dataclass(frozen=True)
class Ends:
    """The names both sides have for the dialog; `local` and `remote` are header values."""

    call_id: str
    local: str
    local_tag: str
    remote: str
    target: str
    routes: tuple[str, ...]

    @property
    def remote_tag(self) -> str:
        return parse_address(self.remote).tag or ""


@dataclass(eq=False)
class Dialog:
    endpoint: Endpoint
    flow: Flow
    ends: Ends
    cseq: int
    remote_cseq: int = -1
    handlers: Handlers = field(default_factory=Handlers)
    closed: bool = False
    hosts: frozenset[str] = frozenset()
    _invite: ServerTransaction | None = None

    @classmethod
    def answering(cls, endpoint: Endpoint, transaction: ServerTransaction) -> Dialog:
        """Made just before the 200 goes out."""
        request = transaction.request
        to = request.header("to") or ""
        ends = Ends(
            call_id=request.call_id,
            local=f"{to};tag={transaction.to_tag}",
            local_tag=transaction.to_tag,
            remote=request.header("from") or "",
            target=_target(request.raw) or stringify_uri(request.frm.uri),
            routes=tuple(request.headers("record-route")),
        )
        dialog = cls(endpoint, transaction.flow, ends, request.cseq, request.cseq)
        dialog._listen(transaction)
        return dialog._open()

    @classmethod
    def calling(
        cls, endpoint: Endpoint, transaction: ClientTransaction, response: SipResponse
    ) -> Dialog:
        """Made from the 200 to our INVITE."""
        invite = transaction.request
        local = invite.get_header("from") or ""
        cseq = invite.cseq
        ends = Ends(
            call_id=invite.call_id or "",
            local=local,
            local_tag=parse_address(local).tag or "",
            remote=response.get_header("to") or "",
            target=_target(response) or invite.uri,
            routes=tuple(reversed(response.headers.get("record-route"))),
        )
        return cls(endpoint, transaction.flow, ends, cseq.seq if cseq else 1)._open()

    def _open(self) -> Dialog:
        next_hop = self._next_hop()
        self.hosts = frozenset(hop[0] for hop in (self.flow.peer, next_hop) if hop is not None)
        self.endpoint.add_dialog(self.ends.call_id, self.ends.local_tag, self)
        return self

    def close(self) -> None:
        self.closed = True
        self.endpoint.remove_dialog(self.ends.call_id, self.ends.local_tag)

    def request(self, method: str, *, headers: Headers = (), body: bytes = b"") -> SipRequest:
        """A new request of this dialog; an ACK takes the number of the last INVITE."""
        if method != "ACK":
            self.cseq += 1
        made = SipRequest(method=method, uri=self.ends.target)
        made.headers.append("Via", self.endpoint.via(self.flow))
        for route in self.ends.routes:
            made.headers.append("Route", route)
        for name, value in (
            ("Max-Forwards", "70"),
            ("From", self.ends.local),
            ("To", self.ends.remote),
            ("Call-ID", self.ends.call_id),
            ("CSeq", f"{self.cseq} {method}"),
            ("Contact", self.endpoint.contact(self.flow)),
            ("User-Agent", self.endpoint.agent),
        ):
            made.headers.set_single(name, value)
        for name, value in headers:
            made.headers.append(name, value)
        made.body = body
        return made

    def ask(self, method: str, *, headers: Headers = (), body: bytes = b"") -> ClientTransaction:
        request = self.request(method, headers=headers, body=body)
        return self.endpoint.send(request, self.flow, self._next_hop())

    def acknowledge(self, body: bytes = b"") -> None:
        """The ACK to a 2xx, which is a request of its own (RFC 3261 §13.2.2.4).

        `body` is our answer, where their 2xx carried the offer.
        """
        headers = [("Content-Type", "application/sdp")] if body else []
        ack = self.request("ACK", headers=headers, body=body)
        self.flow.send(bytes(ack), self._next_hop())

    async def bye(self, headers: Headers = ()) -> None:
        if self.closed:
            return
        self.close()
        transaction = self.ask("BYE", headers=headers)
        try:
            async with asyncio.timeout(TIMEOUT):
                await transaction.final()
        except TimeoutError:
            transaction.close()

    def receive(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if request.cseq <= self.remote_cseq:
            transaction.respond(500)  # out of order (RFC 3261 §12.2.2)
            return
        self.remote_cseq = request.cseq
        match request.method:
            case "BYE":
                transaction.respond(200)
                self.close()
                self.handlers.bye()
            case "INVITE" | "UPDATE":
                self._offer(transaction)
            case "NOTIFY":
                transaction.respond(200)
                self.handlers.notify(request)
            case "INFO":
                transaction.respond(200)
                self.handlers.info(request)
            case "REFER":
                self.handlers.refer(transaction)
            case _:
                transaction.respond(200, headers=[("Allow", ALLOW)])

    def acknowledged(self, ack: Request) -> None:
        """An ACK whose Via tells nothing belongs to the INVITE with its number."""
        if self._invite is not None and self._invite.request.cseq == ack.cseq:
            self._invite.acknowledge(ack)

    def _offer(self, transaction: ServerTransaction) -> None:
        if transaction.request.method == "INVITE":
            if self._invite is not None and not self._invite.final:
                transaction.respond(491)
                return
            self._listen(transaction)
        target = _target(transaction.request.raw)
        if target:
            self.ends = Ends(**{**self.ends.__dict__, "target": target})
        self.handlers.offer(transaction)

    def _listen(self, transaction: ServerTransaction) -> None:
        self._invite = transaction
        transaction.on_ack = self._acked
        transaction.on_no_ack = self._not_acked

    def _acked(self, ack: Request) -> None:
        self.handlers.ack(ack)

    def _not_acked(self) -> None:
        if not self.closed:
            self.handlers.unreachable()

    def _next_hop(self) -> Address | None:
        """A literal address of the route or the target, else back where the call came from.

        A private address that came from a public one is a phone behind a NAT: the way back too.
        """
        if self.flow.reliable:
            return None
        first = self.ends.routes[0] if self.ends.routes else f"<{self.ends.target}>"
        uri = parse_address(first).uri
        named = usable_address(uri.host, uri.port or 5060)
        if named is None or (_private(named) and not _private(self.flow.peer)):
            return self.flow.peer
        return named


def _private(address: Address) -> bool:
    return ipaddress.ip_address(address[0]).is_private


def _target(message: SipRequest | SipResponse) -> str:
    contacts = message.headers.get("contact")
    if not contacts:
        return ""
    address = parse_address(contacts[0])
    return stringify_uri(parse_uri(stringify_uri(address.uri))) if address.uri.host else ""
