"""Sorts what arrives: to its transaction, to its dialog, or to whoever takes new calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import structlog
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling import stateless
from sip.bridge.signalling.addresses import host_and_port, name_addr, sip_uri
from sip.bridge.signalling.client_transaction import ClientTransaction, derived
from sip.bridge.signalling.dialogs.known import DialogKey, Dialogs, InDialog
from sip.bridge.signalling.message import Key, Request, answers_to, check, new_branch
from sip.bridge.signalling.reading.parse import BadMessageError, parse
from sip.bridge.signalling.reading.values import read_via
from sip.bridge.signalling.refusals import Refusal, refusal
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import METHODS, capabilities
from sip.bridge.transport.flow import Address, Flow
from sip.bridge.transport.guard import Guard, Judgement
from sip.bridge.transport.peers import Peers
from sip.bridge.transport.sockets import Sockets
from sip.bridge.transport.tls import Certificates
from sip.bridge.transport.transport import Counters, Transport

log = structlog.get_logger()


class Endpoint:
    """One address of ours. `on_invite` gets each new call, `on_flood` what the guard refused, and
    `on_options` says what a call would be answered with just now."""

    def __init__(
        self,
        address: Address,
        *,
        guard: Guard,
        agent: str = "Switchboard",
        certificates: Certificates | None = None,
    ) -> None:
        self.transport = Transport(address, self._deliver, guard, certificates=certificates)
        self.agent = agent
        self.on_invite: Callable[[ServerTransaction], None] = lambda asked: asked.respond(503)
        self.on_flood: Callable[[Request, Flow], None] = lambda request, flow: None
        self.on_options: Callable[[Request, Flow], int] = lambda request, flow: 200
        self.on_outside: dict[str, Callable[[ServerTransaction], None]] = {}
        """By method, who answers requests of no dialog; others are refused without memory."""
        self._guard = guard
        self._advertised: str | None = None
        self._served: dict[Key, ServerTransaction] = {}
        self._asked: dict[tuple[str, str], ClientTransaction] = {}
        self._dialogs = Dialogs(guard.peers)
        self._merged: dict[tuple[str, str, int], ServerTransaction] = {}

    async def start(self, advertised: str | None = None, sockets: Sockets | None = None) -> None:
        """`advertised` is the host that others reach us at, where it is not the bound one."""
        await self.transport.start(sockets)
        self._advertised = advertised

    async def aclose(self) -> None:
        for served in tuple(self._served.values()):
            served.close()
        for asked in tuple(self._asked.values()):
            asked.close()
        await self.transport.aclose()

    @property
    def peers(self) -> Peers:
        return self._guard.peers

    @property
    def guard(self) -> Guard:
        return self._guard

    @property
    def counters(self) -> Counters:
        return self.transport.counters

    @property
    def transactions(self) -> int:
        return len(self._served) + len(self._asked)

    @property
    def dialogs(self) -> int:
        return len(self._dialogs)

    @property
    def host(self) -> str:
        return self._advertised or self.transport.address[0]

    def contact(self, flow: Flow, user: str = "") -> str:
        port = self._port(flow)
        return name_addr(sip_uri(self.host, user, port=port, transport=flow.name.lower()))

    def via(self, flow: Flow) -> str:
        host, _ = host_and_port(self.host)
        return f"SIP/2.0/{flow.name} {host}:{self._port(flow)};branch={new_branch()};rport"

    def _port(self, flow: Flow) -> int:
        """Where we are reached by what `flow` goes by. Without a listener for TLS that is the
        connection itself, which the other side knows by its port."""
        listening = self.transport.tls_address if flow.secure else self.transport.address
        return listening[1] if listening is not None else flow.port or self.transport.address[1]

    def send(self, request: SipRequest, flow: Flow, to: Address | None = None) -> ClientTransaction:
        """Sends a request that has its Via."""
        branch = read_via(request.headers.get("via")[0]).branch or ""
        key = (branch, request.method)
        asked = (to or flow.peer)[0]
        self.peers.hold(asked)
        transaction = ClientTransaction(request, flow, to, lambda: self._forget_asked(key, asked))
        self._asked[key] = transaction
        return transaction

    def cancel(self, transaction: ClientTransaction) -> None:
        """Take back an INVITE that is not answered yet."""

        def cancel() -> None:
            asked = derived(transaction.request, "CANCEL")
            self.send(asked, transaction.flow, transaction.to)

        transaction.give_up(cancel)

    @property
    def allow(self) -> str:
        """All methods that somebody here answers."""
        return ", ".join((*METHODS, *(name for name in self.on_outside if name not in METHODS)))

    def reopen(self, invite: bytes, flow: Flow) -> ServerTransaction:
        """Of an INVITE that an earlier process has taken and not answered."""
        raw = parse(invite)
        assert isinstance(raw, SipRequest)
        return self._open(check(raw, flow.peer), flow)

    def add_dialog(self, dialog: InDialog) -> None:
        self._dialogs.add(dialog)

    def remove_dialog(self, dialog: InDialog) -> None:
        self._dialogs.remove(dialog)

    def dialog(self, key: DialogKey) -> InDialog | None:
        return self._dialogs.get(key)

    def _deliver(self, data: bytes, flow: Flow) -> bool:
        """False for what is no SIP."""
        try:
            raw = parse(data)
            if isinstance(raw, SipResponse):
                self._response(raw)
            elif isinstance(raw, SipRequest):
                self._request(check(raw, flow.peer), flow)
        except BadMessageError as bad:
            self.counters.malformed += 1
            stateless.answer_bad(bad, flow)
            return bool(bad.code)
        except Exception:
            # A datagram of a stranger must never end the process, whatever the parser missed.
            self.counters.failed += 1
            log.exception("sip.message_failed", source=flow.peer[0])
        return True

    def _response(self, raw: SipResponse) -> None:
        asked = self._asked.get(answers_to(raw))
        if asked is not None:
            asked.receive(raw)

    def _request(self, request: Request, flow: Flow) -> None:
        if request.method == "ACK":
            self._ack(request)
            return
        known = self._served.get(request.transaction)
        if known is not None:
            known.came_again(flow)
            return
        dialog = self._dialogs.get(request.dialog)
        if request.method == "CANCEL":
            self._cancel(request, flow)
        elif dialog is not None:
            self._inside(dialog, request, flow)
        elif request.method == "INVITE":
            if self._may_call(request, flow):
                self._invited(request, flow)
        else:
            self._outside(request, flow)

    def _inside(self, dialog: InDialog, request: Request, flow: Flow) -> None:
        transaction = self._open(request, flow)
        transaction.to_tag = request.to.tag or ""
        refused = refusal(request, secure=_secure(flow))
        if refused is not None:
            refused.answer(transaction)
        else:
            dialog.receive(transaction)

    def _may_call(self, request: Request, flow: Flow) -> bool:
        judgement = self._guard.call(flow.peer[0], time.monotonic())
        if judgement is Judgement.PASS:
            return True
        self.counters.flooded += 1
        if judgement is Judgement.REFUSE:
            stateless.answer(request.raw, flow, 503, "Too many calls")
        if self._guard.worth_reporting(flow.peer[0], time.monotonic()):
            self.on_flood(request, flow)
        return False

    def _open(self, request: Request, flow: Flow) -> ServerTransaction:
        key = request.transaction
        forget = partial(self._forget_served, key)
        transaction = ServerTransaction(request, flow, forget, self.transport.connect)
        self._served[key] = transaction
        return transaction

    def _outside(self, request: Request, flow: Flow) -> None:
        """Anybody may ask this, so it costs no memory."""
        served = self.on_outside.get(request.method)
        if served is not None and not request.to.tag:
            served(self._open(request, flow))
            return
        refused = refusal(request, secure=_secure(flow), allow=self.allow) or Refusal(481)
        if refused.code == 481 and not request.to.tag:
            if request.method == "OPTIONS":
                about = capabilities(self.allow)
                refused = Refusal(self.on_options(request, flow), about)
            elif request.method == "REFER":  # to call somebody for whom there is no call yet
                refused = Refusal(403)
        stateless.answer(request.raw, flow, refused.code, refused.words, refused.headers)

    def _invited(self, request: Request, flow: Flow) -> None:
        transaction = self._open(request, flow)
        refused = refusal(request, secure=_secure(flow), opens=not request.to.tag)
        if refused is not None:
            refused.answer(transaction)
        elif request.to.tag:
            transaction.respond(481)
        else:
            self._new_call(transaction)

    def _new_call(self, transaction: ServerTransaction) -> None:
        """One INVITE that comes by two ways is one call (RFC 3261 §8.2.2.2)."""
        request = transaction.request
        key = (request.call_id, request.frm.tag or "", request.cseq)
        if key in self._merged:
            transaction.respond(482)
            return
        self._merged[key] = transaction
        self.on_invite(transaction)

    def _cancel(self, request: Request, flow: Flow) -> None:
        invite = self._served.get(request.of_invite[0])
        if invite is None:
            stateless.answer(request.raw, flow, 481)
            return
        cancel = self._open(request, flow)
        cancel.to_tag = invite.to_tag
        cancel.respond(200)
        if not invite.final:
            invite.on_cancel()

    def _ack(self, ack: Request) -> None:
        own, first = ack.of_invite
        invite = self._served.get(own)
        if invite is None and (found := self._served.get(first)) is not None:
            invite = found if found.to_tag == ack.to.tag else None
        if invite is not None:
            invite.acknowledge(ack)
        elif (dialog := self._dialogs.get(ack.dialog)) is not None:
            dialog.acknowledged(ack)

    def _forget_served(self, key: Key) -> None:
        gone = self._served.pop(key, None)
        if gone is not None:
            request = gone.request
            merged = (request.call_id, request.frm.tag or "", request.cseq)
            if self._merged.get(merged) is gone:
                del self._merged[merged]

    def _forget_asked(self, key: tuple[str, str], asked: str) -> None:
        if self._asked.pop(key, None) is not None:
            self.peers.release(asked)


def _secure(flow: Flow) -> bool:
    return flow.secure
