"""A REGISTER with all that is asked for until the registrar answers for good."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field

from aiosipua.message import SipRequest, SipResponse

from sip.bridge.registration.account import Account
from sip.bridge.registration.granted import Granted, granted
from sip.bridge.signalling.dialogs.again import retry_after
from sip.bridge.signalling.dialogs.proofs import Proof, Proofs
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import new_tag
from sip.bridge.signalling.reading.parse import is_number
from sip.bridge.transport.flow import Flow

MOST_TRIES = 6
"""Challenged by a proxy and by the registrar, a stale nonce, a longer interval; some to spare."""

_SELF_INFLICTED = frozenset((401, 403, 404, 407))
"""The same request fails again until a person has changed something here or there."""


class NotRegisteredError(Exception):
    """The text is one sentence for the operator."""

    def __init__(
        self, said: str, *, retry_after: int = 0, hopeless: bool = False, elsewhere: bool = False
    ) -> None:
        super().__init__(said)
        self.retry_after = retry_after
        """Seconds that the registrar asked to wait."""
        self.hopeless = hopeless
        """Asking again soon may get us locked out."""
        self.elsewhere = elsewhere
        """Another address of the same server may do better."""


@dataclass
class RegisterRequest:
    """All requests for one binding share a Call-ID, and their numbers rise (RFC 3261 §10.2)."""

    endpoint: Endpoint
    account: Account
    call_id: str = field(default_factory=lambda: new_tag() + new_tag())
    tag: str = field(default_factory=new_tag)
    _cseq: int = 0
    _outbound: bool = True
    """Whether the registrar is asked to send calls by the connection of the REGISTER."""

    async def ask(self, flow: Flow, expires: int, contact: str = "") -> Granted:
        """0 seconds of `expires` take the binding away; `contact` is whose, where it is not ours.
        Raises NotRegisteredError."""
        contact = contact or self.contact(flow)
        proofs = Proofs()
        for _ in range(MOST_TRIES):
            response = await self._send(flow, expires, proofs, contact)
            code = response.status_code
            if 200 <= code < 300:
                return self._accepted(response, contact, expires)
            if code in (401, 407):
                self._prove(response, proofs)
            elif code == 423 and (least := _least(response)) > expires > 0:
                expires = least
            elif code == 439 and self._outbound:
                self._outbound = False  # a proxy on the way does not keep connections (RFC 5626 §6)
            else:
                raise self._refused(response)
        raise NotRegisteredError(f"{self.account.server} asks again and again", hopeless=True)

    async def _send(self, flow: Flow, expires: int, proofs: Proofs, contact: str) -> SipResponse:
        request = self._request(flow, expires, proofs, contact)
        transaction = self.endpoint.send(request, flow, flow.peer)
        try:
            response = await transaction.final()
        except asyncio.CancelledError:
            transaction.close()  # or it would go on asking for what nobody wants any more
            raise
        if response is None:
            host, port = flow.peer
            said = f"nobody answers at {host}:{port} ({flow.name})"
            raise NotRegisteredError(said, elsewhere=True)
        return response

    def _request(self, flow: Flow, expires: int, proofs: Proofs, contact: str) -> SipRequest:
        account = self.account
        self._cseq += 1
        made = SipRequest(method="REGISTER", uri=account.registrar)
        made.headers.append("Via", self.endpoint.via(flow))
        for route in account.routes:
            made.headers.append("Route", route)
        for name, value in (
            ("Max-Forwards", "70"),
            ("From", f"{account.address_of_record};tag={self.tag}"),
            ("To", account.address_of_record),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self._cseq} REGISTER"),
            ("Contact", f"{contact};expires={expires}{self._by_connection(flow)}"),
            ("Expires", str(expires)),
            ("Supported", "path, outbound" if self._by_connection(flow) else "path"),
            ("User-Agent", self.endpoint.agent),
        ):
            made.headers.set_single(name, value)
        for name, value in proofs.headers:
            made.headers.append(name, value)
        return made

    def _by_connection(self, flow: Flow) -> str:
        """Parameters of a Contact: who registers again after its connection has ended takes the
        place of its former self (RFC 5626 §4.2)."""
        if not (flow.reliable and self._outbound):
            return ""
        of = f"sip:{self.account.user}@{self.account.server}/{self.endpoint.host}"
        return f';reg-id=1;+sip.instance="<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, of)}>"'

    def contact(self, flow: Flow) -> str:
        """The account's own name: whoever calls it shows which account was meant."""
        return self.endpoint.contact(flow, self.account.user)

    def _accepted(self, response: SipResponse, contact: str, expires: int) -> Granted:
        found = granted(response, contact, expires)
        if expires and not found.seconds:
            said = f"{self.account.server} accepts the registration and keeps none"
            raise NotRegisteredError(said)
        return found

    def _prove(self, response: SipResponse, proofs: Proofs) -> None:
        """Add the answer to a challenge. The second of one kind means that the first was wrong."""
        account, code = self.account, response.status_code
        proof = proofs.add(account.login, response, "REGISTER", account.registrar)
        if proof is Proof.IMPOSSIBLE:
            said = f"{account.server} asks for a proof that this leg cannot give ({code})"
            raise NotRegisteredError(said, hopeless=True)
        if proof is Proof.REFUSED:
            said = f"{account.server} does not accept the password of {account.login.username}"
            raise NotRegisteredError(said, hopeless=True)

    def _refused(self, response: SipResponse) -> NotRegisteredError:
        code = response.status_code
        words = "".join(c for c in response.reason_phrase if c.isprintable())[:80]
        return NotRegisteredError(
            f"{self.account.server} answers {code} {words}".rstrip(),
            retry_after=int(retry_after(response) or 0),
            hopeless=code in _SELF_INFLICTED,
            elsewhere=code in (408, 503),
        )


def _least(response: SipResponse) -> int:
    least = (response.get_header("min-expires") or "").strip()
    return int(least) if is_number(least) else 0
