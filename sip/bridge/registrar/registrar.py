"""REGISTER of the company's telephones."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

import structlog

from dialplans.telephony.addresses import address
from sip.bridge.registrar.bindings import SHORTEST_S, Asked, BadRegisterError, Binding, applied
from sip.bridge.registrar.old_telephones import OldTelephones
from sip.bridge.registrar.telephones import Telephones
from sip.bridge.signalling.digest import Challenger, Login, Verdict
from sip.bridge.signalling.endpoint import Endpoint
from sip.bridge.signalling.message import Headers
from sip.bridge.signalling.server_transaction import ServerTransaction

log = structlog.get_logger()

KNOWN_EXTENSIONS = frozenset({"path"})


class Registrar:
    """Without a telephone in the plan it does not exist: REGISTER is a method that nobody here
    answers."""

    def __init__(
        self,
        endpoint: Endpoint,
        telephones: Telephones,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._endpoint = endpoint
        self._telephones = telephones
        self._challenger = Challenger()
        self._old = OldTelephones()

    def follow(self) -> None:
        """The plan in force is another."""
        if self._telephones.any:
            self._endpoint.on_outside["REGISTER"] = self.receive
        else:
            self._endpoint.on_outside.pop("REGISTER", None)

    def receive(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        unknown = request.tokens("require") - KNOWN_EXTENSIONS
        if unknown:
            headers = [("Unsupported", ", ".join(sorted(unknown)))]
            transaction.respond(420, headers=headers)
            return
        name = address(request.header("to") or "").user
        if self._proved(transaction, name):
            self._change(transaction, name)

    def _proved(self, transaction: ServerTransaction, name: str) -> bool:
        """Whoever tries out passwords or names is told the same of all of them, a few times, and
        then nothing."""
        request, host = transaction.request, transaction.flow.peer[0]
        guard, now = self._endpoint.guard, self._clock()
        if not guard.may_prove(host, now):
            transaction.close()
            return False
        login = self._telephones.login(name, host)
        given = request.header("authorization")
        call_id = request.call_id
        verdict = self._challenger.verify(login, given, method="REGISTER", call_id=call_id)
        match verdict:
            case Verdict.STALE:
                only_md5 = given is None and self._old.comes(host, name, now)
                self._challenge(transaction, login, stale=given is not None, only_md5=only_md5)
            case Verdict.WRONG:
                guard.wrong_password(host, now)
                log.info("telephone.refused", telephone=name, source=host)
                transaction.respond(403, "Forbidden")
            case Verdict.RIGHT:
                guard.peers.proved(host)
                self._old.proved(host, name, self._challenger.algorithm(given))
        return verdict is Verdict.RIGHT

    def _challenge(
        self, transaction: ServerTransaction, login: Login, *, stale: bool, only_md5: bool
    ) -> None:
        call_id = transaction.request.call_id
        asked = self._challenger.challenges(login, call_id, stale=stale, only_md5=only_md5)
        transaction.respond(401, headers=[("WWW-Authenticate", each) for each in asked])

    def _change(self, transaction: ServerTransaction, name: str) -> None:
        request, now = transaction.request, time.time()
        asked = Asked(request, transaction.flow, now)
        try:
            bindings = applied(self._telephones.of(name), asked)
        except BadRegisterError as error:
            headers = [("Min-Expires", str(SHORTEST_S))] if error.code == 423 else []
            transaction.respond(error.code, error.words, headers=headers)
            return
        if asked.contacts:  # without any it only asks where it is known to be (RFC 3261 §10.2.3)
            self._telephones.bind(name, bindings, transaction.flow)
        transaction.respond(200, headers=_told(bindings, now, asked))


def _told(bindings: tuple[Binding, ...], now: float, asked: Asked) -> Headers:
    """All places, each with the time that it has left, and the way back (RFC 3327 §5.3)."""
    contacts = [("Contact", f"<{b.contact}>;expires={round(b.until - now)}") for b in bindings]
    paths = [("Path", path) for path in asked.request.headers("path")]
    if "path" not in asked.request.tokens("supported"):
        paths = []
    return [*contacts, *paths, ("Date", format_datetime(datetime.now(UTC), usegmt=True))]
