"""Sorts what arrives: to its transaction, to its dialog, or to whoever takes new calls."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.signalling.addresses import host_and_port, name_addr, sip_uri
from sip.bridge.signalling.client_transaction import ClientTransaction, derived
from sip.bridge.signalling.message import (
    BadMessageError,
    Headers,
    Request,
    answers_to,
    check,
    new_branch,
    parse,
    reply_port,
    response,
)
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.status import ALLOW, SUPPORTED, reason
from sip.bridge.signalling.timers import TIMEOUT
from sip.bridge.transport.flow import Address, Flow
from sip.bridge.transport.guard import Guard, Judgement
from sip.bridge.transport.peers import Peers
from sip.bridge.transport.transport import Counters, Transport

log = structlog.get_logger()

KNOWN_EXTENSIONS = frozenset({"timer"})


class InDialog(Protocol):
    """What a dialog does with the requests that belong to it."""

    @property
    def hosts(self) -> frozenset[str]:
        """Where its other side is, for as long as the dialog is known here."""

    def receive(self, transaction: ServerTransaction) -> None: ...

    def acknowledged(self, ack: Request) -> None: ...


class Endpoint:
    """One address of ours. `on_invite` gets each new call, `on_flood` what the guard refused."""

    def __init__(self, address: Address, *, guard: Guard, agent: str = "Switchboard") -> None:
        self.transport = Transport(address, self._deliver, guard)
        self.agent = agent
        self.on_invite: Callable[[ServerTransaction], None] = _refuse
        self.on_flood: Callable[[Request, Flow], None] = lambda request, flow: None
        self.on_outside: dict[str, Callable[[ServerTransaction], None]] = {}
        """By method, who answers requests of no dialog; others are refused without memory."""
        self._guard = guard
        self._advertised: str | None = None
        self._served: dict[tuple[str, str, str], ServerTransaction] = {}
        self._asked: dict[tuple[str, str], ClientTransaction] = {}
        self._dialogs: dict[tuple[str, str], InDialog] = {}
        self._merged: dict[tuple[str, str, int], ServerTransaction] = {}

    async def start(self, advertised: str | None = None) -> None:
        """`advertised` is the host that others reach us at, where it is not the bound one."""
        await self.transport.start()
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

    def contact(self, flow: Flow) -> str:
        port = self.transport.address[1]
        return name_addr(sip_uri(self.host, port=port, transport=flow.name.lower()))

    def via(self, flow: Flow) -> str:
        host, _ = host_and_port(self.host)
        port = self.transport.address[1]
        return f"SIP/2.0/{flow.name} {host}:{port};branch={new_branch()};rport"

    def send(self, request: SipRequest, flow: Flow, to: Address | None = None) -> ClientTransaction:
        """Sends a request that has its Via."""
        branch = request.via[0].branch or ""
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

    def add_dialog(self, call_id: str, local_tag: str, dialog: InDialog) -> None:
        if (call_id, local_tag) not in self._dialogs:
            for host in dialog.hosts:
                self.peers.hold(host)
        self._dialogs[call_id, local_tag] = dialog

    def remove_dialog(self, call_id: str, local_tag: str) -> None:
        """What the other side still repeats is heard for a while."""
        gone = self._dialogs.pop((call_id, local_tag), None)
        if gone is not None:
            asyncio.get_running_loop().call_later(TIMEOUT, self._release, gone.hosts)

    def _release(self, hosts: Iterable[str]) -> None:
        for host in hosts:
            self.peers.release(host)

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
            self._answer_bad(bad, flow)
            return bool(bad.code)
        except Exception:
            # A datagram of a stranger must never end the process, whatever the parser missed.
            self.counters.malformed += 1
            log.exception("sip.message_failed", source=flow.peer[0])
        return True

    def _answer_bad(self, bad: BadMessageError, flow: Flow) -> None:
        log.debug("sip.malformed", source=flow.peer[0], reason=bad.reason)
        raw = bad.raw
        if raw is None or not bad.code or raw.method == "ACK" or not raw.headers.get("via"):
            return
        self._stateless(raw, flow, bad.code, f"{reason(bad.code)} ({bad.reason})")

    def _stateless(
        self, raw: SipRequest, flow: Flow, code: int, words: str = "", headers: Headers = ()
    ) -> None:
        """An answer that nothing is kept of: a repeated request gets it anew, with the same tag
        (RFC 3261 §8.2.7)."""
        via = raw.via[0]
        made = response(raw, code, words or reason(code), to_tag=_constant_tag(raw))
        for name, value in headers:
            made.headers.append(name, value)
        flow.send(bytes(made), (flow.peer[0], reply_port(via, flow.peer)))

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
            known.repeat()
            return
        dialog = self._dialogs.get((request.call_id, request.to.tag or ""))
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
        refused = _refusal(request)
        if refused is not None:
            transaction.respond(refused[0], headers=refused[1])
            return
        transaction.to_tag = request.to.tag or ""
        dialog.receive(transaction)

    def _may_call(self, request: Request, flow: Flow) -> bool:
        judgement = self._guard.call(flow.peer[0], time.monotonic())
        if judgement is Judgement.PASS:
            return True
        self.counters.flooded += 1
        if judgement is Judgement.REFUSE:
            self._stateless(request.raw, flow, 503, "Too many calls")
        if self._guard.worth_reporting(flow.peer[0], time.monotonic()):
            self.on_flood(request, flow)
        return False

    def _open(self, request: Request, flow: Flow) -> ServerTransaction:
        key = request.transaction
        transaction = ServerTransaction(request, flow, lambda: self._forget_served(key))
        self._served[key] = transaction
        return transaction

    def _outside(self, request: Request, flow: Flow) -> None:
        """Anybody may ask this, so it costs no memory."""
        served = self.on_outside.get(request.method)
        if served is not None and not request.to.tag:
            served(self._open(request, flow))
            return
        code, headers = _refusal(request) or (481, ())
        if code == 481 and request.method == "OPTIONS":
            code = 200
            headers = (("Allow", ALLOW), ("Accept", "application/sdp"), ("Supported", SUPPORTED))
        self._stateless(request.raw, flow, code, headers=headers)

    def _invited(self, request: Request, flow: Flow) -> None:
        transaction = self._open(request, flow)
        refused = _refusal(request)
        if refused is not None:
            transaction.respond(refused[0], headers=refused[1])
        elif request.to.tag:
            transaction.respond(481)
        elif not request.uri.lower().startswith(("sip:", "tel:")):
            transaction.respond(416)
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
        branch, sent_by, _ = request.transaction
        invite = self._served.get((branch, sent_by, "INVITE"))
        if invite is None:
            self._stateless(request.raw, flow, 481)
            return
        cancel = self._open(request, flow)
        cancel.to_tag = invite.to_tag
        cancel.respond(200)
        if not invite.final:
            invite.on_cancel()

    def _ack(self, ack: Request) -> None:
        branch, sent_by, _ = ack.transaction
        invite = self._served.get((branch, sent_by, "INVITE"))
        if invite is not None:
            invite.acknowledge(ack)
        elif (dialog := self._dialogs.get((ack.call_id, ack.to.tag or ""))) is not None:
            dialog.acknowledged(ack)

    def _forget_served(self, key: tuple[str, str, str]) -> None:
        gone = self._served.pop(key, None)
        if gone is not None:
            request = gone.request
            merged = (request.call_id, request.frm.tag or "", request.cseq)
            if self._merged.get(merged) is gone:
                del self._merged[merged]

    def _forget_asked(self, key: tuple[str, str], asked: str) -> None:
        if self._asked.pop(key, None) is not None:
            self.peers.release(asked)


def _refuse(transaction: ServerTransaction) -> None:
    transaction.respond(503)


def _refusal(request: Request) -> tuple[int, Headers] | None:
    """What is refused whatever it is about, with the headers that say why."""
    if request.method not in ALLOW.split(", "):
        return 405, [("Allow", ALLOW)]
    unknown = request.tokens("require") - KNOWN_EXTENSIONS
    if unknown:
        return 420, [("Unsupported", ", ".join(sorted(unknown)))]
    forwards = request.header("max-forwards")
    if forwards is not None and forwards.strip() == "0" and request.method != "OPTIONS":
        return 483, ()
    return None


def _constant_tag(raw: SipRequest) -> str:
    """The same for each repetition, another for each request."""
    named = "/".join(raw.get_header(name) or "" for name in ("call-id", "from", "cseq"))
    return hashlib.blake2s(named.encode(), digest_size=6).hexdigest()
