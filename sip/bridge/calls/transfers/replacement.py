"""An INVITE with Replaces (RFC 3891): another telephone takes the place of one that is in a call.

It is the same call: room, sound, record and number of calls stay as they are, and the telephone
whose place was taken gets a BYE.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog

from sip.bridge.calls.call import Call
from sip.bridge.calls.reinvite import Renegotiation
from sip.bridge.calls.services import CallServices
from sip.bridge.signalling.dialog import Dialog
from sip.bridge.signalling.digest import Verdict
from sip.bridge.signalling.message import Request
from sip.bridge.signalling.server_transaction import ServerTransaction
from sip.bridge.transport.peers import Standing

log = structlog.get_logger()


@dataclass(frozen=True)
class Replaces:
    """The dialog that is meant, named as the side that is asked has it: `to_tag` is ours."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False

    @classmethod
    def of(cls, request: Request) -> Replaces | None:
        """None unless there is just one, with both tags (RFC 3891 §3)."""
        values = request.headers("replaces")
        return cls.read(values[0]) if len(values) == 1 else None

    @classmethod
    def read(cls, value: str) -> Replaces | None:
        """What the header says, or the part of a URI that stands for it."""
        call_id, _, rest = value.partition(";")
        given = {
            name.strip().lower(): value.strip()
            for name, _, value in (part.partition("=") for part in rest.split(";"))
        }
        to_tag, from_tag = given.get("to-tag", ""), given.get("from-tag", "")
        if not (call_id.strip() and to_tag and from_tag):
            return None
        return cls(call_id.strip(), to_tag, from_tag, "early-only" in given)

    @property
    def header(self) -> str:
        early = ";early-only" if self.early_only else ""
        return f"{self.call_id};to-tag={self.to_tag};from-tag={self.from_tag}{early}"


def replaces_another(request: Request) -> bool:
    return bool(request.headers("replaces"))


class Replacement:
    """Answers its INVITE whatever happens."""

    def __init__(self, services: CallServices, transaction: ServerTransaction) -> None:
        self._services = services
        self._transaction = transaction

    async def run(self) -> None:
        transaction = self._transaction
        transaction.respond(100)
        wanted = Replaces.of(transaction.request)
        if wanted is None:
            transaction.respond(400, "Bad Request (Replaces)")
            return
        call = self._call_of(wanted)
        if call is None:
            transaction.respond(481)
        elif wanted.early_only:
            transaction.respond(486)  # it is answered already
        elif call.dialog is not None and call.dialog.flow.secure > transaction.flow.secure:
            transaction.respond(488, "Encryption Not Supported")
        elif not self._may_replace(call):
            log.warning("call.not_replaced", call=call.room, source=transaction.flow.peer[0])
            transaction.respond(403)
        elif self._proves(call):
            self._replace(call)

    def _call_of(self, wanted: Replaces) -> Call | None:
        """A call that only rings us is not replaced either: whoever called may take it back."""
        endpoint = self._services.endpoint
        tags = [wanted.from_tag] if wanted.from_tag != "0" else ["0", ""]
        found = [endpoint.dialog((wanted.call_id, wanted.to_tag, tag)) for tag in tags]
        for call in self._services.calls.values():
            if isinstance(call, Call) and call.dialog is not None and call.dialog in found:
                return None if call.dialog.early or call.ending.done() else call
        return None

    def _may_replace(self, call: Call) -> bool:
        """Somebody of a trunk, or from where the call itself comes."""
        host = self._transaction.flow.peer[0]
        assert call.dialog is not None
        if host in call.dialog.hosts:
            return True
        return self._services.endpoint.peers.standing(host) is Standing.TRUNK

    def _proves(self, call: Call) -> bool:
        """Where the call had to give a password, so has whoever replaces it."""
        login, request = call.login, self._transaction.request
        if login is None:
            return True
        given = request.header("proxy-authorization") or request.header("authorization")
        challenger, call_id = self._services.admission.challenger, request.call_id
        guard, host = self._services.admission.guard, self._transaction.flow.peer[0]
        if given is not None and not guard.may_prove(host, time.monotonic()):
            self._transaction.respond(403)
            return False
        verdict = challenger.verify(login, given, method="INVITE", call_id=call_id)
        if verdict is Verdict.STALE:
            challenge = challenger.challenge(login, call_id)
            self._transaction.respond(407, headers=[("Proxy-Authenticate", challenge)])
        elif verdict is Verdict.WRONG:
            guard.wrong_password(host, time.monotonic())
            self._transaction.respond(403)
        return verdict is Verdict.RIGHT

    def _replace(self, call: Call) -> None:
        services, transaction, old = self._services, self._transaction, call.dialog
        assert old is not None
        assert call.renegotiation is not None
        dialog = Dialog.answering(services.endpoint, transaction)
        dialog.login, dialog.find_login = old.login, old.find_login
        renegotiation = Renegotiation(
            dialog,
            call.media,
            negotiation=call.renegotiation.negotiation.anew(),
            services=services,
        )
        renegotiation.session.least = services.settings.sip_min_session_expires

        def answered() -> None:
            """Maybe only after its names were looked up."""
            if not transaction.accepted:
                dialog.close()
            elif call.ending.done():
                services.tasks.spawn(dialog.bye())
            else:
                call.replace(dialog, renegotiation)
                log.info("call.replaced", call=call.room, id=call.id)

        transaction.on_final = answered
        renegotiation.answer(transaction)
