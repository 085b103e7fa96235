"""All that strangers' messages meet before a call has a room: transport, transactions, dialogs,
descriptions, the registrar, the trace. Nobody else's servers are needed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import structlog
from redis.asyncio import Redis

from dialplans.contracts.outbox import Outbox
from sip.bridge.admission.admission import context_of
from sip.bridge.admission.dispatch import DispatchQuery
from sip.bridge.admission.plan_policy import PlanPolicy
from sip.bridge.admission.refused import RefusedError
from sip.bridge.calls.remote_sound import MediaNames, RemoteOffer
from sip.bridge.calls.transfers.replacement import Replaces
from sip.bridge.media.address import Ours
from sip.bridge.registrar.registrar import Registrar
from sip.bridge.registrar.telephones import Telephones
from sip.bridge.sdp.description import Local
from sip.bridge.sdp.encryption import Encryption
from sip.bridge.sdp.formats import ALL
from sip.bridge.sdp.negotiation import Negotiation
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.dialogs import info
from sip.bridge.signalling.dialogs.reliable_provisional import ReliableProvisional, required
from sip.bridge.signalling.digest import Challenger, Login
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.signalling.session_timer import IntervalTooSmallError, as_server
from sip.bridge.trace.ladder import Hop
from sip.bridge.trace.masking import without_secrets
from sip.bridge.trace.recorder import Recorder
from sip.bridge.transport.flow import Address, Flow
from sip.bridge.transport.guard import Guard, Limits
from sip.bridge.transport.peers import Peers
from tests.sip.bridge.caller import ANYTHING
from tests.sip.bridge.registrar.conftest import Kept, plan

HOST = "127.0.0.1"
LOGIN = Login("u", "secret")


class _NoPlan:
    current = None


@dataclass
class Answering:
    """`problems` are exceptions that nothing was prepared for; it has to stay empty."""

    endpoint: Endpoint
    problems: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """What has happened at least once, so that a run shows that it went deep."""
    dialogs: list[Dialog] = field(default_factory=list)

    def __post_init__(self) -> None:
        endpoint = self.endpoint
        self._policy = PlanPolicy(_NoPlan())
        self._trace = Recorder(Outbox(Redis()))
        self._challenger = Challenger()
        self._names = MediaNames()
        endpoint.on_invite = self._invited
        endpoint.on_options = lambda request, flow: self._read(request, flow) and 200
        endpoint.transport.tap = self._tapped

    @property
    def address(self) -> Address:
        return self.endpoint.transport.address

    def calls(self) -> list[tuple[str, str]]:
        """Those that are up, by Call-ID and our tag, the newest last."""
        ends = [dialog.ends for dialog in self.dialogs[-200:] if not dialog.closed]
        return [(end.call_id, end.local_tag) for end in ends]

    def _read(self, request: Any, flow: Flow) -> bool:
        """As admission and the records do."""
        context = self._policy.read(context_of(request, flow))
        DispatchQuery.of(request, flow, context, "SCL_x")
        json.dumps(dict(context.headers))
        given = request.header("proxy-authorization")
        self._challenger.verify(LOGIN, given, method=request.method, call_id=request.call_id)
        Replaces.of(request)
        return True

    def _tapped(self, data: bytes, flow: Flow, peer: Address, sent: bool) -> None:
        try:
            self._trace.tap(data, Hop(sent, flow.name, *peer))
            without_secrets(data)
            if self._trace._unclaimed and len(self._trace) > 500:  # as calls come and go
                self._trace.tell()
        except Exception as error:
            self.problems.append(f"trace: {error!r} of {data[:200]!r}")

    def _invited(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        self._read(request, transaction.flow)
        transaction.respond(100)
        ours = Ours(HOST)
        offer = RemoteOffer(transaction, ours, self._names)
        negotiation = Negotiation(Local(HOST, 20000), ALL, Encryption.ALLOWED)
        try:
            offer.read(Encryption.ALLOWED)
            supports = "timer" in request.tokens("supported")
            _, timer = as_server(request.header("session-expires"), supports)
            offer.agree(negotiation)
        except RefusedError as refused:
            self.seen.add(f"refused {refused.code}")
            transaction.respond(refused.code, headers=refused.headers)
            return
        except IntervalTooSmallError:
            self.seen.add("refused 422")
            transaction.respond(422, headers=[("Min-SE", "90")])
            return
        dialog = Dialog.answering(self.endpoint, transaction)
        self.dialogs.append(dialog)
        self._handle(dialog, negotiation)
        contact = ("Contact", self.endpoint.contact(transaction.flow))
        if required(request):
            reliable = ReliableProvisional(transaction, lambda: None)
            dialog.handlers.prack = reliable.acknowledge
            reliable.send(180, [contact])
            self.seen.add("reliable")
        body = negotiation.said or negotiation.offer()
        transaction.respond(
            200, headers=[contact, *timer, ("Content-Type", "application/sdp")], body=body
        )
        self.seen.add("answered")

    def _handle(self, dialog: Dialog, negotiation: Negotiation) -> None:
        def offered(transaction: ServerTransaction) -> None:
            offer = RemoteOffer(transaction, Ours(HOST), self._names)
            try:
                offer.read(Encryption.ALLOWED)
                offer.agree(negotiation)
            except RefusedError as refused:
                transaction.respond(refused.code, headers=refused.headers)
                return
            transaction.respond(200, body=negotiation.said or negotiation.offer())
            self.seen.add(f"offered by {transaction.request.method}")

        def pressed(key: str) -> None:
            self.seen.add("key")

        handlers = dialog.handlers
        handlers.offer = offered
        handlers.info = lambda transaction: info.answer(transaction, pressed)
        handlers.bye = lambda: self.seen.add("bye")
        handlers.ack = lambda ack: self.seen.add("ack")


@contextlib.contextmanager
def errors_logged() -> Iterator[list[str]]:
    """Those alone: what is said of each odd message is too much to keep."""
    found: list[str] = []

    def keep(logger: Any, method: str, event: Any) -> Any:
        if method in ("error", "exception", "critical"):
            found.append(repr(event))
        raise structlog.DropEvent

    before = structlog.get_config()["processors"]
    structlog.configure(processors=[keep])
    try:
        yield found
    finally:
        structlog.configure(processors=before)


@contextlib.asynccontextmanager
async def answering(
    limits: Limits = ANYTHING, peers: Peers | None = None
) -> AsyncIterator[Answering]:
    endpoint = Endpoint((HOST, 0), guard=Guard(limits, peers))
    await endpoint.start()
    made = Answering(endpoint)
    telephones = Telephones(endpoint, Kept({}), {"ANN": "secret", "BOB": "word"})
    registrar = Registrar(endpoint, telephones)
    telephones.follow(plan())
    registrar.follow()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, what: made.problems.append(repr(what)))
    with errors_logged() as logged:
        try:
            yield made
        finally:
            await telephones.aclose()
            await endpoint.aclose()
            loop.set_exception_handler(None)
            made.problems += logged


@contextlib.contextmanager
def sender() -> Any:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind((HOST, 0))
        made.setblocking(False)
        yield made


async def pour(
    leg: Answering, datagrams: Iterable[bytes], through: socket.socket, heard: Callable[[], None]
) -> int:
    """By UDP, no faster than they are read; how many were. What comes back is read off."""
    start = leg.endpoint.counters.received
    for sent, raw in enumerate(datagrams):
        through.sendto(raw, leg.address)
        if sent % 32 == 0:
            heard()
            before = -1
            while leg.endpoint.counters.received != before:
                before = leg.endpoint.counters.received
                await asyncio.sleep(0)
                await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    heard()
    return leg.endpoint.counters.received - start
