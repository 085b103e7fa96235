"""Sorts what arrives: to its transaction, to its dialog, or to whoever takes new calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.ua.client_transaction import ClientTransaction
from sip.bridge.ua.guard import Guard, Judgement
from sip.bridge.ua.message import (
    BadMessageError,
    Request,
    answers_to,
    check,
    new_branch,
    parse,
    reply_port,
    response,
)
from sip.bridge.ua.server_transaction import ServerTransaction
from sip.bridge.ua.status import ALLOW, SUPPORTED, reason
from sip.bridge.ua.transport import Address, Flow, Transport

log = structlog.get_logger()

KNOWN_EXTENSIONS = frozenset({"timer"})


class InDialog(Protocol):
    """What a dialog does with the requests that belong to it."""

    def receive(self, transaction: ServerTransaction) -> None: ...

    def acknowledged(self, ack: Request) -> None: ...


@dataclass
class Counters:
    received: int = 0
    malformed: int = 0
    flooded: int = 0


class Endpoint:
    """One address of ours. `on_invite` gets each new call, `on_flood` what the guard refused."""

    def __init__(self, address: Address, *, guard: Guard, agent: str = "Switchboard") -> None:
        self.transport = Transport(address, self._deliver)
        self.agent = agent
        self.counters = Counters()
        self.on_invite: Callable[[ServerTransaction], None] = _refuse
        self.on_flood: Callable[[Request, Flow], None] = lambda request, flow: None
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
        return f"<sip:{self.host}:{port};transport={flow.name.lower()}>"

    def via(self, flow: Flow) -> str:
        port = self.transport.address[1]
        return f"SIP/2.0/{flow.name} {self.host}:{port};branch={new_branch()};rport"

    def send(self, request: SipRequest, flow: Flow, to: Address | None = None) -> ClientTransaction:
        """Sends a request that has its Via."""
        branch = request.via[0].branch or ""
        key = (branch, request.method)
        transaction = ClientTransaction(request, flow, to, lambda: self._forget_asked(key))
        self._asked[key] = transaction
        return transaction

    def add_dialog(self, call_id: str, local_tag: str, dialog: InDialog) -> None:
        self._dialogs[call_id, local_tag] = dialog

    def remove_dialog(self, call_id: str, local_tag: str) -> None:
        self._dialogs.pop((call_id, local_tag), None)

    def _deliver(self, data: bytes, flow: Flow) -> None:
        if len(data) <= 4 or not data.strip(b"\r\n\0 "):  # a keep-alive
            return
        self.counters.received += 1
        if not self._guard.message(flow.peer[0], time.monotonic()):
            self.counters.flooded += 1
            return
        try:
            raw = parse(data)
            if isinstance(raw, SipResponse):
                self._response(raw)
            elif isinstance(raw, SipRequest):
                self._request(check(raw, flow.peer), flow)
        except BadMessageError as bad:
            self.counters.malformed += 1
            self._answer_bad(bad, flow)
        except Exception:
            # A datagram of a stranger must never end the process, whatever the parser missed.
            self.counters.malformed += 1
            log.exception("sip.message_failed", source=flow.peer[0])

    def _answer_bad(self, bad: BadMessageError, flow: Flow) -> None:
        log.debug("sip.malformed", source=flow.peer[0], reason=bad.reason)
        raw = bad.raw
        if raw is None or not bad.code or raw.method == "ACK" or not raw.headers.get("via"):
            return
        self._stateless(raw, flow, bad.code, f"{reason(bad.code)} ({bad.reason})")

    def _stateless(self, raw: SipRequest, flow: Flow, code: int, words: str) -> None:
        via = raw.via[0]
        flow.send(
            bytes(response(raw, code, words, to_tag="none")),
            (flow.peer[0], reply_port(via, flow.peer)),
        )

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
        if request.method == "INVITE" and dialog is None and not self._may_call(request, flow):
            return
        transaction = self._open(request, flow)
        refusal = self._refusal(request)
        if request.method == "CANCEL":
            self._cancel(transaction)
        elif refusal:
            extra = [("Allow", ALLOW)] if refusal == 405 else []
            if refusal == 420:
                unknown = request.tokens("require") - KNOWN_EXTENSIONS
                extra = [("Unsupported", ", ".join(sorted(unknown)))]
            transaction.respond(refusal, headers=extra)
        elif dialog is not None:
            transaction.to_tag = request.to.tag or ""
            dialog.receive(transaction)
        else:
            self._outside(transaction)

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

    def _refusal(self, request: Request) -> int:
        forwards = request.header("max-forwards")
        if request.method not in ALLOW.split(", "):
            return 405
        if request.tokens("require") - KNOWN_EXTENSIONS:
            return 420
        if forwards is not None and forwards.strip() == "0" and request.method != "OPTIONS":
            return 483
        return 0

    def _outside(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if request.method == "OPTIONS":
            headers = [("Allow", ALLOW), ("Accept", "application/sdp"), ("Supported", SUPPORTED)]
            transaction.respond(200, headers=headers)
        elif request.method != "INVITE" or request.to.tag:
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

    def _cancel(self, cancel: ServerTransaction) -> None:
        branch, sent_by, _ = cancel.request.transaction
        invite = self._served.get((branch, sent_by, "INVITE"))
        if invite is None:
            cancel.respond(481)
            return
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

    def _forget_asked(self, key: tuple[str, str]) -> None:
        self._asked.pop(key, None)


def _refuse(transaction: ServerTransaction) -> None:
    transaction.respond(503)
