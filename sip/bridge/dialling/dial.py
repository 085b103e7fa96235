"""Our own INVITE: sent, challenged, rung, and answered or given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from aiosipua.message import SipRequest, SipResponse

from sip.bridge.carriers.carriers import PATIENCE_SECONDS, Carriers
from sip.bridge.carriers.locate import Hop, NotFoundError, Place
from sip.bridge.dialling.course import Course, Stop
from sip.bridge.dialling.early_dialogs import EarlyDialogs, WhileItRings
from sip.bridge.dialling.failure import MovedError, NotAnsweredError
from sip.bridge.dialling.follow import follow
from sip.bridge.dialling.forks import Forks
from sip.bridge.dialling.permission import Permission
from sip.bridge.sdp.session import CONTENT_TYPE
from sip.bridge.signalling.addresses import name_addr
from sip.bridge.signalling.client_transaction import ClientTransaction
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.dialogs.proofs import Proof, Proofs
from sip.bridge.signalling.digest import Login
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import Headers, new_tag
from sip.bridge.signalling.reading.parse import is_number
from sip.bridge.signalling.session_timer import WANTED
from sip.bridge.signalling.status import ALLOW, CALLING
from sip.bridge.transport.flow import Address, Flow

log = structlog.get_logger()

MOST_TRIES = 5
"""The first INVITE, one for each of two proofs, one with a longer session, and one to spare."""


@dataclass(frozen=True)
class Destination:
    """Whom to call as whom. `uri` is the request's, `place` where it is sent."""

    uri: str
    place: Place
    frm: str
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
    while_it_rings: WhileItRings
    permission: Permission
    carriers: Carriers
    on_sent: Callable[[SipRequest, Flow], None] = lambda request, flow: None
    """Told of each INVITE that has gone out."""
    call_id: str = field(default_factory=lambda: new_tag() + new_tag())
    _session: int = WANTED
    _least_session: int = 0
    _cseq: int = 0
    _heard: bool = False
    _carrier: frozenset[str] = frozenset()

    async def dial(self, tag: str, patience: float) -> tuple[Dialog, SipResponse]:
        """Rings for `patience` seconds, wherever the call is sent meanwhile. Raises
        NotAnsweredError. Cancelling this task cancels the call at the other side."""
        try:
            async with asyncio.timeout(patience):
                return await self._anywhere(tag)
        except TimeoutError:
            if not self._heard:
                raise NotAnsweredError.silent(str(self.to.place)) from None
            raise NotAnsweredError.rang_out(patience) from None

    async def _anywhere(self, tag: str) -> tuple[Dialog, SipResponse]:
        course = Course(Stop(self.to.uri, self.to.place))
        while (stop := course.next()) is not None:
            try:
                return await self._at(stop, tag)
            except MovedError as moved:
                followed = follow(moved.response, stop, self.permission, self._carrier)
                why = course.add(followed.stops) if followed.stops else followed.why
                if why:
                    course.failed(moved.because(why))
            except NotAnsweredError as failure:
                course.failed(failure)
        raise course.failure

    async def _at(self, stop: Stop, tag: str) -> tuple[Dialog, SipResponse]:
        """One place, which may have several addresses: whoever cannot be reached, says nothing at
        all or is out of service makes way for the next (RFC 3263 §4.3)."""
        try:
            hops = await self.carriers.hops(stop.place)
        except NotFoundError as error:
            raise NotAnsweredError.no_way(str(error)) from error
        if not stop.redirections:
            self._carrier = frozenset(hop.address[0] for hop in hops)
        *others, last = hops
        for hop in others:
            try:
                return await self._by(hop, stop, tag, quiet=PATIENCE_SECONDS)
            except NotAnsweredError as failure:
                if not failure.elsewhere:
                    raise
                log.info("call.next_address", failed=str(hop), reason=failure.detail)
        return await self._by(last, stop, tag)

    async def _by(
        self, hop: Hop, stop: Stop, tag: str, *, quiet: float | None = None
    ) -> tuple[Dialog, SipResponse]:
        """One address; `quiet` is for how long it may say nothing."""
        try:
            answered = await self._ask(hop, stop, tag, quiet)
        except NotAnsweredError as failure:
            if failure.elsewhere:
                self.carriers.failed(hop, retry_after=failure.retry_after)
            else:
                self.carriers.answered(hop)
            raise
        self.carriers.answered(hop)
        return answered

    async def _ask(
        self, hop: Hop, stop: Stop, tag: str, quiet: float | None
    ) -> tuple[Dialog, SipResponse]:
        """Challenged, asked for a longer session, and answered or not."""
        own = None if stop.redirections else self.to.flow
        flow = own if own is not None else await self._flow(hop, stop)
        uri = stop.uri_by(hop.transport)
        proofs = Proofs()
        for _ in range(MOST_TRIES):
            self._cseq += 1
            request = self._request(flow, uri, tag, proofs)
            transaction = self.endpoint.send(request, flow, flow.peer)
            self.on_sent(request, flow)
            response, dialog = await self._wait(transaction, quiet)
            code = response.status_code
            if dialog is not None:
                return dialog, response
            if 300 <= code < 400:
                raise MovedError(response)
            asked = code in (401, 407)
            if asked and proofs.add(self.to.login, response, "INVITE", uri) is Proof.NEW:
                continue
            if code == 422 and self._longer_session(response):
                continue
            break
        raise NotAnsweredError.refused(response)

    async def _flow(self, hop: Hop, stop: Stop) -> Flow:
        transport = self.endpoint.transport
        try:
            if hop.transport == "tls":
                return await transport.connect_tls(hop.address, stop.place.host)
            if hop.transport == "tcp":
                return await transport.connect(hop.address)
            return transport.udp_flow(hop.address)
        except (OSError, TimeoutError) as error:
            raise NotAnsweredError.no_way(f"no connection to {hop}: {error}") from error

    def _longer_session(self, response: SipResponse) -> bool:
        least = (response.get_header("min-se") or "").partition(";")[0].strip()
        if not (is_number(least) and int(least) > self._session):
            return False
        self._session = self._least_session = int(least)
        return True

    def _request(self, flow: Flow, uri: str, tag: str, proofs: Proofs) -> SipRequest:
        made = SipRequest(method="INVITE", uri=uri)
        made.headers.append("Via", self.endpoint.via(flow))
        for route in self.to.routes:
            made.headers.append("Route", route)
        for name, value in (
            ("Max-Forwards", "70"),
            ("From", f"{self.to.frm};tag={tag}"),
            ("To", name_addr(self.to.uri)),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self._cseq} INVITE"),
            ("Contact", self.endpoint.contact(flow)),
            ("Allow", ALLOW),
            ("Supported", CALLING),
            ("Session-Expires", str(self._session)),
            *([("Min-SE", str(self._least_session))] if self._least_session else []),
            ("User-Agent", self.endpoint.agent),
            ("Content-Type", CONTENT_TYPE),
            *self.to.headers,
        ):
            made.headers.set_single(name, value)
        for name, value in proofs.headers:
            made.headers.append(name, value)
        made.body = self.offer
        return made

    async def _wait(
        self, transaction: ClientTransaction, quiet: float | None
    ) -> tuple[SipResponse, Dialog | None]:
        """The final answer, and the dialog with who has taken the call."""
        early = EarlyDialogs(self.endpoint, transaction, self.while_it_rings, self.to.login)
        forks = Forks(self.endpoint, transaction, early)
        dialog = None
        try:
            first = await self._first(transaction, quiet)
            response = await self._final(transaction, first, early)
            dialog = forks.first
            return response, dialog
        except asyncio.CancelledError:
            forks.give_up()
            raise
        except TimeoutError:
            forks.give_up()
            raise NotAnsweredError.silent(_shown(transaction.flow.peer)) from None
        finally:
            early.close(dialog)

    async def _first(
        self, transaction: ClientTransaction, quiet: float | None
    ) -> SipResponse | None:
        async with asyncio.timeout(quiet):
            return await transaction.next()

    async def _final(
        self, transaction: ClientTransaction, response: SipResponse | None, early: EarlyDialogs
    ) -> SipResponse:
        while True:
            if response is None:
                raise NotAnsweredError.silent(_shown(transaction.flow.peer))
            self._heard = True
            if response.status_code >= 200:
                return response
            early.heard(response)
            response = await transaction.next()


def _shown(address: Address) -> str:
    return str(Place(*address))
